"""Gradescope, GitHub, GitLab and nbgrader: what is written for them is run as they would run it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
import yaml
from course_sources import source_of

from bpkit.authoring.source import read_source
from bpkit.cli import main
from bpkit.course.folders import find_course
from bpkit.errors import CourseError
from bpkit.exercises import of_lesson
from bpkit.grading.ci_command import workflow
from bpkit.grading.gradescope_command import bundle
from bpkit.grading.journal import Journal
from bpkit.grading.nbgrader_command import assignment
from bpkit.grading.sandbox import best_mode
from bpkit.grading.wheel import own_wheel

ROOT = Path(__file__).resolve().parent.parent
POINTS = sum(exercise.points for exercise in of_lesson("00"))


def _sandbox_missing() -> str:
    try:
        best_mode()
    except CourseError as error:
        return str(error)
    return ""


needs_sandbox = pytest.mark.skipif(bool(_sandbox_missing()), reason=f"no sandbox here: {_sandbox_missing()}")


def _solved(tmp_path: Path) -> Path:
    """Lesson 00, solved."""
    path = tmp_path / "00_start_here.ipynb"
    source = source_of(ROOT / "solutions" / "00_start_here.py")
    cells = [nbformat.v4.new_code_cell(cell.solved()) for cell in source.cells if cell.kind == "code"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def _bash(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = os.pathsep.join([environment.pop("PATH", ""), str(Path(sys.executable).parent), os.environ["PATH"]]).lstrip(os.pathsep)
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**inherited, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


# ---- the wheel -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory):
    """Our wheel as pip puts it into a folder."""
    folder = tmp_path_factory.mktemp("wheel")
    name, content = own_wheel()
    (folder / name).write_bytes(content)
    installer = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target"]
    done = subprocess.run([*installer, str(folder / "site"), str(folder / name)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.mark.slow
def test_the_wheel_installs_finds_its_lessons_and_lists_its_exercises(unpacked_wheel, tmp_path):
    code = (
        "import bpkit; from bpkit.course.folders import find_course; c = find_course()\n"
        'print(bpkit.__file__); print(c.solutions); print(*c.lessons.rglob("*.ipynb"))'
    )
    told = _bash(f"python -P -c '{code}' && python -m bpkit.cli exercises --json", tmp_path, PYTHONPATH=str(unpacked_wheel))
    place, solutions, lessons, *table = told.stdout.splitlines()
    assert Path(place).is_relative_to(unpacked_wheel) and solutions == "None"
    assert sorted(Path(place).name for place in lessons.split()) == sorted(path.name for path in find_course().lessons.rglob("*.ipynb"))
    assert json.loads("\n".join(table))[0]["id"] == "00.1"


def test_the_wheel_is_the_same_each_time_and_carries_no_solution():
    name, content = own_wheel()
    assert own_wheel() == (name, content)
    inside = zipfile.ZipFile(BytesIO(content)).namelist()
    assert "bpkit/grading/reports/templates/course.html" in inside
    assert not [
        entry
        for entry in inside
        if entry.startswith("bpkit/_course/solutions") or entry.endswith("worked.json") or entry.endswith("_solutions.py") or "__pycache__" in entry
    ]


# ---- Gradescope ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def autograder(tmp_path, unpacked_wheel):
    """A tree like Gradescope's, made from the zip; `run` runs the autograder on what lies in submission/."""
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    with zipfile.ZipFile(BytesIO(bundle("0"))) as archive:
        archive.extractall(root / "source")
        assert {entry.filename for entry in archive.infolist() if entry.external_attr >> 16 & 0o111} == {"setup.sh", "run_autograder"}

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        variables = {"BPKIT_AUTOGRADER_ROOT": str(root), "BPKIT_PYTHON": sys.executable, "PYTHONPATH": str(unpacked_wheel)}
        return _bash(f'bash "{root}/source/run_autograder"', root, **(variables | environment))

    return root, run


@needs_sandbox
@pytest.mark.slow
def test_the_gradescope_autograder_grades_what_is_handed_in(autograder):
    root, run = autograder
    _solved(root / "submission").rename(root / "submission" / "my home work (final).ipynb")
    done = run()
    assert done.returncode == 0, done.stderr
    told = json.loads((root / "results" / "results.json").read_text())
    assert told["score"] == POINTS
    assert [(test["number"], test["status"]) for test in told["tests"]] == [(e.id, "passed") for e in of_lesson("00")]


@needs_sandbox
@pytest.mark.slow
def test_the_gradescope_autograder_says_what_is_wrong_with_something_that_is_no_notebook(autograder):
    root, run = autograder
    (root / "submission" / "essay.pdf").write_bytes(b"%PDF")
    done = run()
    assert done.returncode == 0, done.stderr
    told = json.loads((root / "results" / "results.json").read_text())
    assert told["score"] == 0 and "essay.pdf" in told["tests"][0]["output"] and "ask the course staff" in told["output"]


@pytest.mark.slow
def test_the_gradescope_autograder_leaves_no_result_where_there_is_no_sandbox(autograder, tmp_path):
    root, _ = autograder
    _solved(root / "submission")
    for program in ("python", "bash", "mktemp", "mkdir", "cp", "rm"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / program).symlink_to(shutil.which(program))
    done = subprocess.run(
        [shutil.which("bash"), root / "source" / "run_autograder"],
        env={"PATH": str(tmp_path / "bin"), "BPKIT_AUTOGRADER_ROOT": str(root), "BPKIT_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode != 0 and "bubblewrap" in done.stderr
    assert not (root / "results" / "results.json").exists()


@pytest.mark.slow
def test_the_gradescope_setup_installs_the_wheel_that_is_in_the_zip(autograder, tmp_path):
    root, _ = autograder
    said = tmp_path / "said"
    (tmp_path / "bin").mkdir()
    made = '[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/bpkit"'
    listed = f'[ "$1" = pins ] && echo "/pinned/$2.txt" || echo "$@" >> {said}'
    for program, body in {"apt-get": "", "python3": f"{made}; {listed}"}.items():
        (tmp_path / "bin" / program).write_text(f"#!/bin/bash\n{body}\nexit 0\n")
        (tmp_path / "bin" / program).chmod(0o755)
    done = _bash(f'bash "{root}/source/setup.sh"', root, BPKIT_AUTOGRADER_ROOT=str(root), PATH=str(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr
    wheel = next((root / "source").glob("*.whl"))
    pinned = "-m pip install --no-cache-dir --no-deps -r /pinned/grade.txt"
    assert said.read_text().splitlines()[-3:] == [f"-m pip install --no-cache-dir --no-deps {wheel}", pinned, "-m pip check"]


@pytest.mark.slow
def test_gradescope_zip_writes_its_file_and_refuses_what_cannot_be(tmp_path, capsys):
    assert main(["gradescope-zip", "--out", str(tmp_path / "a.zip"), "--unsafe-no-sandbox"]) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert b"options=(--unsafe-no-sandbox)" in archive.read("run_autograder")
    for words, said in (
        (["--out", "a.tar"], "ends in .zip"),
        (["--out", str(tmp_path / "b.zip"), "--lesson", "77"], "no lesson '77'"),
        (["--out", str(tmp_path / "no" / "b.zip")], "cannot write"),
    ):
        assert main(["gradescope-zip", *words]) == 2
        assert said in capsys.readouterr().err


# ---- GitHub and GitLab ------------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path):
    """A student's repository with a solved lesson 00 in a folder, and stand-ins for what changes the machine."""
    folder = tmp_path / "ada-backprop"
    (folder / "week 1").mkdir(parents=True)
    _solved(folder / "week 1")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "hand in"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    _solved(folder).rename(folder / "not committed.ipynb")
    (tmp_path / "bin").mkdir()
    for program in ("sudo", "apt-get", "pip"):
        (tmp_path / "bin" / program).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / program).chmod(0o755)
    # everything but `-m pip` is Python
    (tmp_path / "bin" / "python").write_text(f'#!/bin/sh\n[ "$2" = pip ] || exec {sys.executable} "$@"\n')
    (tmp_path / "bin" / "python").chmod(0o755)
    return folder


def test_the_github_workflow_has_what_github_asks_of_one():
    made = yaml.safe_load(workflow("github"))
    # YAML 1.1 reads the key `on` as true
    assert set(made[True]) == {"push", "workflow_dispatch"} and made["permissions"] == {"contents": "read"}
    for job in made["jobs"].values():
        assert isinstance(job["runs-on"], str) and isinstance(job["timeout-minutes"], int)
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert "@v" in step.get("uses", "@v") and set(step) <= {"uses", "run", "name", "with", "if"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("service", "schema"), [("github", ["vendor.github-workflows"]), ("gitlab", ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"])]
)
@pytest.mark.parametrize("unsafe", [False, True])
def test_what_is_written_has_the_form_that_the_service_publishes(tmp_path, service, schema, unsafe):
    program = Path(sys.executable).with_name("check-jsonschema")
    if not program.exists():
        pytest.skip("check-jsonschema is not installed (make test installs it)")
    file = tmp_path / "written.yml"
    file.write_text(workflow(service, "bpkit-course @ git+https://git.example/c.git", unsafe), encoding="utf-8")
    done = subprocess.run([program, "--builtin-schema", *schema, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@needs_sandbox
@pytest.mark.slow
def test_the_github_steps_grade_a_repository(repository, tmp_path):
    steps = [step["run"] for step in yaml.safe_load(workflow("github"))["jobs"]["grade"]["steps"] if "run" in step]
    runner = tmp_path / "runner"
    runner.mkdir()
    environment = {"RUNNER_TEMP": str(runner), "GITHUB_REPOSITORY": "uni/ada-backprop", "GITHUB_STEP_SUMMARY": str(runner / "summary")}
    for step in steps:
        done = _bash(f"set -o pipefail\n{step}", repository, PATH=str(tmp_path / "bin"), **environment)
        assert done.returncode == 0, done.stderr
    assert f"## ada\\-backprop: {POINTS} of {POINTS} points" in (runner / "summary").read_text()
    kept = next(s for s in yaml.safe_load(workflow("github"))["jobs"]["grade"]["steps"] if "upload-artifact" in s.get("uses", ""))["with"]["path"]
    for place in kept.splitlines():
        assert (runner / place.removeprefix("${{ runner.temp }}/")).exists()
    assert "sqlite" not in kept and "course.html" not in kept


def test_the_gitlab_pipeline_has_what_gitlab_asks_of_one():
    (job,) = yaml.safe_load(workflow("gitlab")).values()
    assert isinstance(job["image"], str) and all(isinstance(line, str) for line in job["before_script"] + job["script"])
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["reports"] == {"junit": "graded/junit.xml"}
    assert all(isinstance(value, str) for value in job["variables"].values())


@needs_sandbox
@pytest.mark.slow
def test_the_gitlab_script_grades_a_repository(repository, tmp_path):
    (job,) = yaml.safe_load(workflow("gitlab")).values()
    script = "\n".join(job["before_script"] + job["script"])
    done = _bash(script, repository, PATH=str(tmp_path / "bin"), CI_BUILDS_DIR=str(tmp_path), CI_PROJECT_PATH_SLUG="uni-ada")
    assert done.returncode == 0, done.stderr
    assert f"## uni\\-ada: {POINTS} of {POINTS} points" in done.stdout
    for place in [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]:
        assert (repository / place).exists()


def test_ci_workflow_prints_or_writes_and_overwrites_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["ci-workflow", "github", "--requirement", "bpkit-course @ git+https://git.example/c.git"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    assert 'pip install --no-deps "bpkit-course @ git+https://git.example/c.git"' in printed["jobs"]["grade"]["steps"][2]["run"]
    assert main(["ci-workflow", "gitlab", "--write", "--unsafe-no-sandbox"]) == 0
    assert "--out graded --unsafe-no-sandbox" in (tmp_path / ".gitlab-ci.yml").read_text()
    # the wheel that it installs lies beside it
    (wheel,) = (tmp_path / ".bpkit").iterdir()
    assert f'pip install --no-deps ".bpkit/{wheel.name}"' in (tmp_path / ".gitlab-ci.yml").read_text() and zipfile.is_zipfile(wheel)
    assert main(["ci-workflow", "gitlab", "--write"]) == 2
    assert ".gitlab-ci.yml is there already" in capsys.readouterr().err
    assert main(["ci-workflow", "gitlab", "--requirement", 'x"; rm -rf /']) == 2
    # what pip would look for on an index is not ours
    for bare in ("bpkit", "bpkit==0.1.0", "bpkit-course"):
        assert main(["ci-workflow", "github", "--requirement", bare]) == 2
        assert "on no package index" in capsys.readouterr().err


# ---- reports anew ------------------------------------------------------------------------------------------------------


def test_report_fills_in_an_exported_gradebook_from_the_journal(tmp_path, capsys):
    from grading_rows import wrong

    from bpkit.exercises import registry
    from bpkit.grading.records import Graded

    with Journal(tmp_path / "out") as journal:
        journal.add(Graded("ada", "a.ipynb", (wrong("ada", "05.3", 0),), key="k", lessons=("05",), sandbox="nested"))
    (tmp_path / "c.csv").write_text("Student,ID,SIS Login ID,Lesson 05 (3)\nAda,1,ada,\nBen,2,ben,\n")
    assert main(["report", str(tmp_path / "out"), "--canvas", str(tmp_path / "c.csv")]) == 0
    assert (tmp_path / "out" / "canvas.csv").read_text() == "Student,ID,SIS Login ID,Lesson 05 (3)\nAda,1,ada,0\nBen,2,ben,\n"
    assert registry()["05.3"].mistakes[0].name.replace("'", "&#39;") in (tmp_path / "out" / "feedback" / "ada.html").read_text()
    assert "canvas.csv: 1 row has no submission" in capsys.readouterr().out
    assert main(["report", str(tmp_path)]) == 2
    assert "there is no grades.sqlite" in capsys.readouterr().err


# ---- nbgrader --------------------------------------------------------------------------------------------------------------


def _peers_python() -> str | None:
    """A Python that has nbgrader: its pins keep it out of our own environment."""
    return os.environ.get("BPKIT_PEERS_PYTHON") or (sys.executable if importlib.util.find_spec("nbgrader") else None)


needs_nbgrader = pytest.mark.skipif(_peers_python() is None, reason="nbgrader is not importable, and BPKIT_PEERS_PYTHON names no Python that has it")


def _nbgrader(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    # it looks for its own tools on the path; the kernel that grades imports this bpkit
    done = _bash(script, folder, PATH=str(Path(_peers_python() or "").parent), PYTHONPATH=str(ROOT), JUPYTER_PLATFORM_DIRS="1")
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def _exportable() -> list[Path]:
    return [path for path in sorted((ROOT / "solutions").glob("[0-9][0-9]_*.py")) if of_lesson(path.stem[:2])]


@pytest.mark.parametrize("path", _exportable(), ids=lambda path: path.stem)
def test_every_lesson_becomes_an_assignment_with_all_its_points(path):
    made = assignment(source_of(path))
    nbformat.validate(made)
    metas = [cell.metadata["nbgrader"] for cell in made.cells if "nbgrader" in cell.metadata]
    assert sum(meta.get("points", 0) for meta in metas) == sum(exercise.points for exercise in of_lesson(path.stem[:2]))
    assert len({meta["grade_id"] for meta in metas}) == len(metas)
    assert sum(meta["solution"] for meta in metas) >= 1
    for meta in metas:
        assert set(meta) <= {"schema_version", "grade_id", "grade", "solution", "locked", "task", "points"} and meta["schema_version"] == 3


def test_a_lesson_without_a_check_of_an_exercise_cannot_be_exported(tmp_path):
    (tmp_path / "00_start_here.py").write_text('# %%\nbp.check("00.1", square)\n')
    with pytest.raises(CourseError, match=r'00_start_here.py: found no cell with bp.check\("00.2", layer_sizes\)'):
        assignment(read_source(tmp_path / "00_start_here.py"))


def test_the_help_says_where_nbgrader_stops(capsys):
    with pytest.raises(SystemExit):
        main(["export-nbgrader", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "nbgrader 0.9.6 refuses a submission in which an answer cell was split or copied" in told
    assert "the students after it are not graded" in told


@needs_nbgrader
def test_nbgraders_own_validator_accepts_every_assignment(tmp_path):
    assert main(["export-nbgrader", str(tmp_path)]) == 0
    code = "import sys; from nbgrader.nbgraderformat import read; [read(path, as_version=4) for path in sys.argv[1:]]; print(len(sys.argv) - 1)"
    done = _nbgrader(f"python -c '{code}' source/*/*.ipynb", tmp_path)
    assert int(done.stdout) == len(_exportable())


@needs_nbgrader
@pytest.mark.slow
def test_nbgrader_releases_without_solutions_and_gives_the_solved_lesson_all_points_and_the_empty_one_none(tmp_path):
    assert main(["export-nbgrader", str(tmp_path), "00"]) == 0
    name = "00_start_here"
    _nbgrader(f"nbgrader generate_assignment {name}", tmp_path)
    released = (tmp_path / "release" / name / f"{name}.ipynb").read_text()
    assert "SOLUTION" not in released and "YOUR CODE HERE" in released
    for student, made_by in (("ada", "source"), ("ben", "release")):
        shutil.copytree(tmp_path / made_by / name, tmp_path / "submitted" / student / name)
    _nbgrader(f"nbgrader autograde {name}", tmp_path)
    code = (
        "from nbgrader.api import Gradebook as G; print({s.student.id: s.score for s in G('sqlite:///gradebook.db').assignment_submissions('"
        + name
        + "')})"
    )
    assert _nbgrader(f'python -c "{code}"', tmp_path).stdout.strip() == f"{{'ada': {POINTS:.1f}, 'ben': 0.0}}"
