"""Java applications and libraries that Maven brings, each made once and kept in build/."""

import shutil
import subprocess
from pathlib import Path

from trees import HERE, REAL, Unavailable, debian, digest, once

APPS = HERE / "maven_apps"


@once
def packaged(name: str) -> Path:
    """Give a folder with the jar that ``mvn package`` makes of the project of this name."""
    return _made(name, "package", "target/*.jar")


@once
def libraries(name: str) -> Path:
    """Give a folder with the jars that a project depends on, and its one class."""
    dest = _made(name, "dependency:copy-dependencies", "target/dependency/*.jar")
    for source in (APPS / name).glob("*.java"):
        if not (dest / f"{source.stem}.class").exists():
            _run(["javac", "-cp", f"{dest}/*", "-d", str(dest), str(source)], dest)
    return dest


@once
def client() -> Path:
    """Give a folder with the jars of AWS's client of Java's runtimes."""
    return _made("lambda_client", "dependency:copy-dependencies", "target/dependency/*.jar")


@once
def function() -> Path:
    """Give a Lambda function as people zip it: classes at its root, and its libraries in lib/.

    ``fn.Shapes`` is of Java, and ``fn.Handler`` of Clojure, compiled with ``gen-class``.
    """
    jars = _made("lambda_function", "dependency:copy-dependencies", "target/dependency/*.jar")
    dest = jars.with_name(f"{jars.name}-zipped")
    sources = APPS / "lambda_function"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            shutil.copytree(jars, folder / "lib")
            path = f"{folder}/lib/*:{folder}"
            java = map(str, sorted(sources.glob("*.java")))
            _run(["javac", "--release", "17", "-cp", path, "-d", str(folder), *java], folder)
            options = ("-cp", f"{path}:{sources}", f"-Dclojure.compile.path={folder}")
            _run(["java", *options, "clojure.main", "-e", "(compile 'fn.handler)"], folder)
    return dest


def _made(name: str, goal: str, jars: str) -> Path:
    dest = REAL / f"maven-{name}-{digest(APPS / name)}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            project = shutil.copytree(APPS / name, folder / "project")
            _run(["mvn", "--quiet", "--batch-mode", goal], project)
            for jar in project.glob(jars):
                shutil.move(jar, folder)
            shutil.rmtree(project)
    return dest


def _run(argv: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(f"no {argv[0]} here; install a JDK of 17 and Maven") from None
    if done.returncode:
        raise Unavailable(f"{argv[0]} makes nothing of {folder}: {done.stdout}{done.stderr}")
