# For staff who would rather grade in a container:
#
#   docker build -t bpkit .
#   docker run --rm --network none --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
#     --user "$(id -u):$(id -g)" -v "$PWD/submissions:/submissions:ro" -v "$PWD/graded:/graded" bpkit /submissions --out /graded
#
# The two security options let bubblewrap, which locks every submission in, make its namespaces. docs/grading.md says what they open,
# and what was tried.
FROM python:3.12-slim-bookworm AS wheel
COPY . /src
RUN pip install --no-cache-dir --no-deps -r /src/requirements/build.txt \
 && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel /src

FROM python:3.12-slim-bookworm
RUN apt-get update -q \
 && apt-get install -y -q --no-install-recommends bubblewrap \
 && rm -rf /var/lib/apt/lists/*
# the pinned versions: grading, Dask, and matplotlib, scipy and pandas for the submissions, which may import what is here and nothing else
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    pip install --no-cache-dir --no-deps /wheel/bpkit_course-*.whl \
 && pip install --no-cache-dir --no-deps -r "$(bpkit pins cluster)" \
 && pip check
USER 1000:1000
WORKDIR /graded
ENTRYPOINT ["bpkit", "grade"]
CMD ["--help"]
