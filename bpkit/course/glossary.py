"""The course's terms in English and Chinese, each with its meaning, written once; every lesson ends with its own."""

from __future__ import annotations

from dataclasses import dataclass

from bpkit.course.pages import Page, plain_words
from bpkit.language import translated


@dataclass(frozen=True)
class Term:
    """One term.

    Parameters
    ----------
    english, chinese
        The term in both languages; in brackets, what else it is called.
    means
        What it is, in a line; formulas in it stand between dollar signs.
    lessons
        The numbers of the lessons that list it; the first introduces it.
    """

    english: str
    chinese: str
    means: str
    lessons: tuple[str, ...]

    @property
    def words(self) -> str:
        """The English term without its bracket."""
        return self.english.partition(" (")[0]


def _terms(table: str) -> tuple[Term, ...]:
    rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return tuple(Term(english, chinese, means, tuple(lessons.split())) for english, chinese, lessons, means in rows)


# English | Chinese | lessons | what it is. In the order in which the course meets them.
TERMS = _terms(r"""
neural network | 神经网络 | 00 | layers of neurons, each fed by the layer before it
neuron | 神经元 | 00 01 | a weighted input, then an activation
layer | 层 | 00 | neurons side by side; layer 0 is the input, layer $L$ the output
weight | 权重 | 00 01 05 | $w^l_{jk}$, **to** neuron $j$ of layer $l$ **from** neuron $k$ of the layer before
bias | 偏置 (A: 偏差) | 00 01 05 06 | $b^l_j$, what a neuron adds to its weighted sum
weighted input | 带权输入 | 00 01 05 | $z^l$, what goes into the activation function
activation | 激活值 (UFLDL: 激励) | 00 01 05 | $a^l = \sigma(z^l)$, what a neuron hands on
activation function | 激活函数 (UFLDL: 激励函数) | 00 01 05 | $\sigma$; applied to each weighted input
cost (loss) | 代价函数 (损失函数) | 00 04 05 | $C$, how far outputs are from targets: the mean of $C_x$ over the examples
derivative | 导数 | 00 04 | how fast a value changes with what it depends on
gradient | 梯度 | 00 02 04 06 07 | all partial derivatives of one number, in the shape of what they are taken by
learning rate | 学习率 | 00 06 07 | $\eta$, how long a step is
elementwise product | 逐元素乘积 (Hadamard 积) | 00 04 05 | $\odot$, entry times entry
backpropagation | 反向传播 (UFLDL: 反向传导) | 00 02 05 06 | all gradients in one pass, from the last layer back to the first: BP1 to BP4
forward propagation | 前向传播 | 01 | from $x$ to $a^L$, layer by layer
input layer | 输入层 | 01 | layer 0; it computes nothing
hidden layer | 隐藏层 | 01 05 | a layer between input and output
output layer | 输出层 | 01 | layer $L$, the last
matrix product | 矩阵乘法 | 01 | `@`; sums over the index that both factors share
transpose | 转置 | 01 06 11 | $W^\top$, rows and columns swapped
sigmoid | S 型函数 | 01 | $1 / (1 + e^{-z})$, between 0 and 1
relu (rectified linear unit) | 修正线性单元 | 01 03 | $z$ where it is positive, 0 elsewhere
broadcasting | 广播 | 01 10 | numpy repeats one column for all examples
batch | 批 | 01 06 | $m$ examples as columns
saturation | 饱和 | 01 04 | $z$ so far out that the activation function is nearly flat
parameter | 参数 | 01 | a weight or a bias
chain rule | 链式法则 | 02 05 | a derivative through intermediate variables: a sum over paths, a product of Jacobians
composite function | 复合函数 | 02 | $f \circ g$, first $g$, then $f$
intermediate variable | 中间变量 | 02 | what one function returns and the next one takes
partial derivative | 偏导数 | 02 | the derivative by one variable, the others held
differentiable | 可微 | 02 | linear up to an error that is small against the step
partially differentiable | 可偏导 | 02 | all partial derivatives exist, which is less than differentiable
Jacobian | 雅可比矩阵 | 02 04 05 | the matrix of all partial derivatives: a row for each output, a column for each input
total differential | 全微分 | 02 | the change to first order: each partial derivative times its variable's change, summed
invariance of its form | 形式不变性 | 02 | the differential reads the same whether its variables are free or depend on others
forward mode | 前向模式 | 02 | derivatives carried along with the values; JVP
reverse mode | 反向模式 | 02 10 | derivatives carried from the output back; VJP
gradient check | 梯度检验 | 03 06 11 | a gradient by formula beside one by measurement
Taylor's formula | 泰勒公式 | 03 | a function near a place, in powers of the step
norm | 范数 | 03 | $\lVert v \rVert$, a length: the root of the sum of squares
finite difference | 有限差分 | 03 | the change of a value divided by the step that caused it
central difference | 中心差分 | 03 | a step to either side, divided by the distance between the two
truncation error | 截断误差 | 03 | what Taylor's formula leaves out; shrinks with the step
round-off error | 舍入误差 | 03 | what the last digit leaves out; grows as the step shrinks
complex step | 复步长法 | 03 | a step along the imaginary axis; nothing is subtracted
relative error | 相对误差 | 03 | a difference divided by the size of what is compared
machine epsilon | 机器精度 | 03 | the distance from 1 to the next number of the machine
kink | 折点 | 03 | a point where a function has no derivative, as relu at 0
output error | 输出层误差 | 04 | $\delta^L$, where the way back begins
error | 误差 (UFLDL: 残差) | 05 06 | $\delta^l = \partial C_x / \partial z^l$, one column for each example
quadratic cost | 二次代价 (均方误差) | 04 | $\frac{1}{2} \lVert a - y \rVert^2$ for each example
slope | 斜率 | 04 | $\sigma'(z)$, how far the activation still gives way
softmax | 归一化指数函数 | 04 | $e^{z_j} / \sum_k e^{z_k}$: outputs that are positive and add up to 1
cross-entropy | 交叉熵 | 04 08 | $-\sum_j y_j \log a_j$ for each example
one-hot target | 独热目标 | 08 | a column with a single 1, at its class
vanishing gradient | 梯度消失 | 05 | errors that shrink with every layer on the way back
exploding gradient | 梯度爆炸 | 05 | errors that grow with every layer on the way back
outer product | 外积 (张量积, 不是叉积) | 06 | $\delta^l (a^{l-1})^\top$ for one example: every entry of one times every entry of the other
mean | 均值 | 06 | over the examples of a batch; the one $1/m$
sum | 和 | 06 | over paths, or over the examples before the mean
row vector | 行向量 | 06 | one example, in text R
column vector | 列向量 | 06 | one example, in this course
update | 更新 | 06 07 | a step of the parameters, after all gradients are known
gradient descent | 梯度下降 | 07 | steps against the gradient
regularisation | 正则化 | 07 08 | a price on large weights; L1 on their sizes, L2 on their squares
weight decay | 权重衰减 | 07 | what L2 does in a step: each weight shrinks by the same share
curvature | 曲率 | 07 | how fast a slope changes; the steepest direction's sets the largest $\eta$
epoch | 轮次 | 07 08 | one pass over all training examples
mini-batch | 小批量 | 07 08 | some of the examples, for one step
stochastic gradient descent | 随机梯度下降 | 07 | steps along the gradients of random mini-batches
momentum | 动量 | 07 | a step that remembers those before it
velocity | 速度 | 07 | $v$, what momentum adds to the weights at each step
bias correction | 偏差修正 | 07 | undoes the pull of a running mean's start at 0; nothing to do with a neuron's bias
learning rate schedule | 学习率调度 | 07 | $\eta$ as a function of time
convergence | 收敛 | 07 | steps no longer change the cost
label | 标签 | 08 | what an example shows
training set | 训练集 | 08 | the examples that a net learns from
validation set | 验证集 | 08 | held back from training, to choose by
test set | 测试集 | 08 | held back from every choice, to decide once
initialisation | 初始化 | 08 | the first weights: different by chance, of a size that fits
variance | 方差 | 08 | mean squared distance from the mean
standard deviation | 标准差 | 08 | root of the variance, in the unit of what is measured
accuracy | 准确率 | 08 | share of right answers
confusion matrix | 混淆矩阵 | 08 | counts: row by what is shown, column by what is said
overfitting | 过拟合 | 08 | learning by heart: the training cost falls, the validation cost rises
early stopping | 早停 | 08 | going back to the epoch with the lowest validation cost
objective (objective function) | 目标函数 | 09 | the number that is differentiated; a cost is one
residual | 残差 | 09 | what is left of the data when the explanation is taken away; UFLDL has the same Chinese word for $\delta$
sparse coding | 稀疏编码 | 09 | data explained by a few columns of a dictionary
dictionary | 字典 (UFLDL: 权重矩阵) | 09 | $A$, whose columns explain the data
code | 编码 (UFLDL: 特征矩阵) | 09 | $s$, how much of each column is taken
topographic penalty | 地形稀疏罚函数 (UFLDL: 平滑地形L1稀疏罚函数) | 09 | a smooth price on groups of entries, so that they are switched off together
grouping matrix | 分组矩阵 | 09 | $V$, a row for each group
independent component analysis (ICA) | 独立成分分析 | 09 | features from which data can be rebuilt
reconstruction cost | 重建代价 | 09 | how far the rebuilt data is from the data, squared
shared parameter (tied weights) | 共享参数 (UFLDL: 捆绑的权重) | 09 10 | one array that is used at several places
square function | 平方函数 | 09 | $f(z) = z^2$, an activation function where a formula is drawn as a net
identity matrix | 单位矩阵 | 09 | $I$, ones on the diagonal
trace | 迹 | 09 | the sum of the diagonal
quadratic form | 二次型 | 09 | $\mathrm{tr}(X^\top A X)$, every term with two entries of $X$
automatic differentiation (autodiff) | 自动微分 | 10 | derivatives of a program, from the derivatives of its steps
computational graph | 计算图 | 10 | the steps of a computation as nodes, with a line for each use
node | 节点 | 10 | a value, what it was made from, and its gradient
tape | 计算图记录 (梯度带) | 10 | the record of a computation that lets it run backwards
adjoint | 伴随变量 | 10 | $\bar{v}$, the gradient of the result by $v$, collected from the result back
vector-Jacobian product (VJP) | 向量-雅可比积 | 10 | the transposed Jacobian times a gradient, without the Jacobian
topological order | 拓扑序 | 10 | every node once, parents before children
accumulation | 累加 | 10 | gradients of several uses add up
in-place operation | 原地操作 | 10 | an array is changed, not made anew
log-sum-exp | 指数和的对数 | 10 | $\log \sum_k e^{z_k}$, a soft maximum
erratum | 勘误 | 11 | a printed mistake, with what should stand there
derivation | 推导 | 11 | lines of which each follows from those before it
counterexample | 反例 | 11 | numbers for which a claim is not so
symmetric matrix | 对称矩阵 | 11 | $W^\top = W$: no transpose shows on it
cosine similarity | 余弦相似度 | 11 | the cosine of the angle between two arrays: 1 for the same direction
tolerance | 容差 | 11 | the error up to which a check passes
convolution | 卷积 (数学上: 互相关) | 14 | a kernel laid on the input at every place, multiplied and summed; nets do not turn it
kernel | 卷积核 | 14 | the weights that a convolution uses at every place
stride | 步幅 | 14 | how far the kernel moves on from place to place
padding | 填充 | 14 | zeros around the input, so that the kernel finds more places
pooling | 池化 | 14 | one number for each tile, its largest or its mean
channel | 通道 | 14 | one of several pictures side by side, such as the result of one kernel
recurrent net | 循环神经网络 | 14 | a net that uses the same weights at every moment of a sequence
state | 隐状态 | 14 | $h_t$, what a recurrent net hands on from moment to moment
backpropagation through time | 随时间反向传播 (BPTT) | 14 | backpropagation through the unrolled net
truncated | 截断 | 14 | stopped after a few moments back; not the gradient
spectral radius | 谱半径 | 14 | the largest size of an eigenvalue of a square matrix
clip by the norm | 按范数裁剪 | 14 | shorten a gradient that is longer than a limit, in its own direction
batch normalisation | 批归一化 | 12 | each neuron gets mean 0 and width 1 over the examples of the batch
layer normalisation | 层归一化 | 12 | each example gets mean 0 and width 1 over its neurons
training and evaluation mode | 训练模式与评估模式 | 12 | whether a layer normalises by its batch and drops neurons, or not
running mean | 滑动平均 | 12 | a mean that takes a little of each batch, kept for evaluation
running variance | 滑动方差 | 12 | the same for the variance
scale invariance | 尺度不变性 | 12 | the result does not depend on the length of the weights
residual connection | 残差连接 | 12 | a block's input is added to its output; not the residual of lesson 09
identity path | 恒等通路 | 12 | the way around all blocks, with slope 1
pre-norm and post-norm | 前置归一化与后置归一化 | 12 | the normalisation in front of the branch, or behind the sum
dropout | 随机失活 (丢弃法) | 12 | neurons are switched off at random in training
dropout mask | 随机失活掩码 | 12 | an array of ones for what is kept and zeros for what is not
token | 词元 | 13 | a whole number that names a word of a text
embedding | 嵌入 | 13 | a table with a column for each word; a text's columns are copied out of it
gather | 聚集 (按索引取) | 13 | to copy out the columns that a list of places names
scatter-add | 分散累加 | 13 | to add each column to the one that its place names: what a gather sends back
attention | 注意力 | 13 | for each query a mean of the values, weighted by how well their keys fit
query | 查询 | 13 | a column that says what a place looks for
key | 键 | 13 | a column that says what a place can be found by
score | 得分 | 13 | $k^\top q / \sqrt d$: how well a key fits a query
attention mask | 注意力掩码 | 13 | says where a query may look; where it may not, the score is minus infinity
causal mask | 因果掩码 | 13 | lets a place look at itself and at what stands before it
several heads | 多头 | 13 | blocks of rows, each with an attention of its own
row constant | 行常数 | 13 | $D = o^\top \delta_o$, softmax's weighted mean of a query, without its weights
dual number | 对偶数 | 15 | a value with its tangent; what two tangents make together counts as 0
tangent | 切向量 | 15 | the speed at which a value moves along the chosen direction
Jacobian-vector product (JVP) | 雅可比-向量积 | 15 | the Jacobian times a tangent, without the Jacobian
Hessian | 海森矩阵 (黑塞矩阵) | 15 | the matrix of second derivatives, the Jacobian of the gradient
R-operator | R 算子 | 15 | the derivative along $v$; tangents, written by hand
checkpoint | 检查点 | 15 | an activation that is kept, so that those after it can be computed again
fixed point | 不动点 | 15 | an $a$ that a function leaves as it is
implicit function theorem | 隐函数定理 | 15 | when an equation makes one quantity a differentiable function of another
contraction | 压缩映射 | 15 | a function that brings any two points nearer, by a factor below 1
loss scaling | 损失缩放 | 15 | the loss times a factor before going back, so that no gradient becomes 0
subnormal | 非规格化数 | 15 | a number below the smallest normal one, with fewer digits
underflow | 下溢 | 15 | a number too small for its format becomes 0
overflow | 上溢 | 15 | a number too large for its format becomes infinite
""")


def words(lesson: str | None = None) -> Page:
    """The terms of a lesson, English and Chinese; without a number all of the course, from A to Z.

    Parameters
    ----------
    lesson
        Two digits, e.g. ``"05"``.

    Raises
    ------
    ValueError
        If no lesson of that number lists a term; the message names those that do.

    Examples
    --------
    >>> print(words("05").text.splitlines()[1])
    bias 偏置 (A: 偏差): b^l_j, what a neuron adds to its weighted sum
    >>> print(words().text.splitlines()[0])
    accumulation 累加: gradients of several uses add up; lesson 10
    """
    if lesson is None:
        return _page(sorted(TERMS, key=lambda term: term.english.casefold()), with_lesson=True)
    own = [term for term in TERMS if lesson in term.lessons]
    if not own:
        there = sorted({number for term in TERMS for number in term.lessons})
        raise ValueError(f"no terms for lesson {lesson!r}; there are some for {', '.join(there)}")
    return _page(own, with_lesson=False)


def _page(terms: list[Term], with_lesson: bool) -> Page:
    head = ["English", "中文", translated("what it is"), *([translated("lesson")] if with_lesson else [])]
    rows = [[t.english, t.chinese, translated(t.means), *([t.lessons[0]] if with_lesson else [])] for t in terms]
    markdown = [f"| {' | '.join(row)} |" for row in (head, [":--"] * len(head), *rows)]
    place = {t.english: translated(f"; lesson {t.lessons[0]}") if with_lesson else "" for t in terms}
    text = [f"{t.english} {t.chinese}{translated(': ')}{plain_words(translated(t.means))}{place[t.english]}" for t in terms]
    return Page("\n".join(markdown), "\n".join(text).replace("**", "").replace("`", ""))
