"""A real Java runtime made again of the modules that a Clojure program reaches."""

import shutil
import subprocess
from pathlib import Path

import pytest

from slimmer.formats.java.classes import has_lines
from slimmer.formats.java.jimage import content, read_jimage
from slimmer.inputs.open import open_source
from tests.real.command import build, unpack
from tests.real.test_jvm import CODE, run
from tests.support.command import slim
from tests.support.images import layer, saved
from trees import REAL, jvm

pytestmark = pytest.mark.real

JDK = REAL / "jdk" / jvm.JDK
#: Codes of two letters that changed, scripts, a variant, and a language of all places.
SOME_LOCALES = "de-AT,ja,zh-Hant,he,no,id,yi,*-IN,ca-ES-VALENCIA,en-US-POSIX,th"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("jlink") / "tree"
    shutil.copytree(jvm.tree(), tree, symlinks=True)
    with (tree / "jre/conf/logging.properties").open("a") as file:
        file.write("# of our own\n")
    return tree


def linked(tree: Path, folder: Path, modules: str) -> tuple[Path, str]:
    """Return the zip with a runtime of these modules, and what was said."""
    folder.mkdir()
    options = ("--jlink", modules, "--jdk", str(JDK.resolve()), "--level", "1")
    env = {"XDG_CACHE_HOME": str(folder / "cache")}
    done = slim("build", str(tree), "-o", "out.zip", *options, cwd=folder, env=env)
    assert done.code == 0, done.text
    return folder / "out.zip", done.text


@pytest.mark.heavy
def test_it_is_smaller_starts_and_is_the_same_each_time(tree: Path, tmp_path: Path) -> None:
    before = build(tree, tmp_path, "--level", "1")
    after, said = linked(tree, tmp_path / "one", "reached")
    assert after.stat().st_size < before.zip.stat().st_size - 500_000
    assert "linked with 7 of 10 modules" in said
    assert after.read_bytes() == linked(tree, tmp_path / "two", "reached")[0].read_bytes()
    layer = unpack(after, tmp_path / "layer")
    assert (layer / "jre/conf/logging.properties").read_text().endswith("# of our own\n")
    done = run(layer, CODE)
    assert (done.stdout, done.returncode) == ("285 1,2,3\n", 0), done.stderr


@pytest.mark.heavy
def test_what_is_left_out_by_name_is_warned_of(tree: Path, tmp_path: Path) -> None:
    after, said = linked(tree, tmp_path / "one", "java.base,java.sql")
    assert "jdk.unsupported (app.jar): reached, and left out" in said
    assert run(unpack(after, tmp_path / "layer"), CODE).stdout == "285 1,2,3\n"


def image(folder: Path, *options: str) -> Path:
    """Return an image of two layers: a runtime that jlink made with options, and code."""
    folder.mkdir()
    jlink = [
        str(JDK.resolve() / "bin/jlink"),
        *options,
        "--output",
        str(folder / "jre"),
    ]
    subprocess.run(
        [*jlink, "--add-modules", "java.sql,java.logging,jdk.unsupported,jdk.localedata"],
        check=True,
    )
    files = (path for path in (folder / "jre").rglob("*") if path.is_file())
    jre = {f"jre/{path.relative_to(folder / 'jre')}": path.read_bytes() for path in files}
    app = {"app/app.jar": (jvm.tree() / "app.jar").read_bytes()}
    command = ["/jre/bin/java", "-jar", "/app/app.jar"]
    return saved(folder / "app.tar", [layer(jre), layer(app)], Entrypoint=command)


def is_packed(artifact: Path) -> bool:
    data = open_source(artifact).read("jre/lib/modules")
    return any(each.is_packed for each in read_jimage(data))


@pytest.mark.heavy
@pytest.mark.parametrize(("level", "packed"), [("0", False), ("2", True)])
def test_in_an_image_modules_are_compressed_as_they_were_and_in_a_zip_never(
    tree: Path, tmp_path: Path, level: str, *, packed: bool
) -> None:
    assert tree.is_dir()
    source = image(tmp_path / "image", f"--compress={level}")
    for out, is_now in (("out.tar", packed), ("out.zip", False)):
        options = ("--jlink", "java.sql", "--jdk", str(JDK.resolve()), "-o", out)
        done = slim("build", str(source), *options, cwd=tmp_path)
        assert done.code == 0, done.text
        assert is_packed(tmp_path / out) is is_now


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("made", "lines"), [((), True), (("--strip-java-debug-attributes",), False)]
)
def test_a_runtime_is_linked_with_lines_of_sources_where_it_had_them(
    tree: Path, tmp_path: Path, made: tuple[str, ...], *, lines: bool
) -> None:
    assert tree.is_dir()
    source = image(tmp_path / "image", *made)
    options = ("--jlink", "java.sql", "--jdk", str(JDK.resolve()), "-o", "out.tar")
    done = slim("build", str(source), *options, cwd=tmp_path)
    assert done.code == 0, done.text
    modules = open_source(tmp_path / "out.tar").read("jre/lib/modules")
    (known,) = (each for each in read_jimage(modules) if each.path == "java/lang/String.class")
    assert has_lines(content(modules, known)) is lines


@pytest.mark.heavy
def test_a_runtime_of_some_locales_is_linked_with_no_fewer_and_not_with_all(
    tree: Path, tmp_path: Path
) -> None:
    assert tree.is_dir()
    before, size_bytes = locales(image(tmp_path / "image", f"--include-locales={SOME_LOCALES}"))
    options = ("--jlink", "java.sql,jdk.localedata", "--jdk", str(JDK.resolve()))
    for out in ("out.tar", "out.zip"):
        done = slim("build", "image/app.tar", *options, "-o", out, cwd=tmp_path)
        assert done.code == 0, done.text
        after, after_bytes = locales(tmp_path / out)
        assert before <= after
        assert after_bytes < 1.5 * size_bytes


def locales(artifact: Path) -> tuple[frozenset[str], int]:
    """Return the files with the words and forms of locales that a runtime has, and their bytes."""
    found = read_jimage(open_source(artifact).read("jre/lib/modules"))
    those = [each for each in found if each.module == "jdk.localedata"]
    return frozenset(each.path for each in those), sum(each.size_bytes for each in those)


@pytest.mark.heavy
def test_a_runtime_that_becomes_larger_is_warned_of(tree: Path, tmp_path: Path) -> None:
    assert tree.is_dir()
    source = image(
        tmp_path / "image",
        "--exclude-resources=/jdk.localedata/sun/text/resources/cldr/ext/FormatData_[a-y]*",
    )
    options = ("--jlink", "java.sql,jdk.localedata", "--jdk", str(JDK.resolve()), "-o", "out.tar")
    done = slim("build", str(source), *options, cwd=tmp_path)
    assert done.code == 0, done.text
    assert "of modules in place of" in done.text


@pytest.mark.heavy
def test_a_runtime_in_a_layer_that_stays_is_not_linked_again(tree: Path, tmp_path: Path) -> None:
    assert tree.is_dir()
    source = image(tmp_path / "image")
    options = ("--jlink", "java.sql", "--jdk", str(JDK.resolve()), "--base-layers", "1")
    done = slim("build", str(source), *options, "-o", "out.tar", cwd=tmp_path)
    assert done.code == 2, done.text
    assert "jre lies in a layer of --base-layers" in done.err
    assert not (tmp_path / "out.tar").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--jlink", "java.nothing"), "no such module"),
        (("--jlink", "a b"), "not the name of a module"),
        (("--jlink", "reached", "--jdk", "{tree}/jre"), "no bin/jlink in it"),
        (("--jlink", "reached", "--arch", "arm64", "--jdk", "{jdk}"), "makes a runtime for x86_64"),
        (("--jlink", "reached", "--rootfs", "--jdk", "{jdk}"), "and not with --rootfs"),
    ],
)
def test_what_cannot_be_linked_is_said_in_one_line(
    tree: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    words = [word.format(tree=tree, jdk=JDK.resolve()) for word in options]
    done = slim("build", str(tree), "-o", "out.zip", *words, cwd=tmp_path)
    assert done.code == 2, done.text
    assert said in done.err
    assert not list(tmp_path.iterdir())
