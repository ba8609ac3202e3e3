"""Which jars, and which artefacts in a fat jar, what runs asks for; all else can go."""

from __future__ import annotations

from typing import Any

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.errors import UsageError
from slimmer.model.started import Started
from tests.support.classes import class_file, jar
from tests.support.decide import decide, kept
from tests.support.natives import Zip
from tests.support.trees import MemorySource
from tests.support.zips import zipped

ALONE = jar(("org/alone/Alone",))


def gone(files: dict[str, bytes], *beside: Zip, **choices: Any) -> set[str]:
    """Return the files that --tree-shake drops."""
    found = decide(
        files, packs=(), deployment=Deployment(siblings=beside), tree_shake=True, **choices
    )
    return files.keys() - kept(found)


def gone_inside(members: dict[str, bytes], entry: str) -> set[str]:
    """Return the members of a fat jar that --tree-shake drops."""
    found = decide({"app.jar": zipped(members)}, packs=(), tree_shake=True, entry=(entry,))
    assert found.reach is not None
    assert "app.jar" in kept(found)
    return set(found.reach.unreached_in("app.jar"))


def fn(*texts: str) -> dict[str, bytes]:
    """A function's own class, which names these texts, and a jar that nobody asks for."""
    return {"com/acme/fn/Fn.class": class_file("com/acme/fn/Fn", *texts), "lib/alone.jar": ALONE}


WEB = jar(("org/web/Web", "org/router/Router"), org__web__page_dot_html="x")
ROUTER = jar(("org/router/Router",))
BOTH = {"lib/web.jar": WEB, "lib/router.jar": ROUTER}


@pytest.mark.parametrize(
    "text",
    [
        "org/web/Web",
        "org.web.Web",
        "(Lorg/web/Web;I)V",
        "/org/web/page.html",
        "org/web/page.html",
        "classpath:/org/web/other.xml",
        "org.web",
        "org.web.messages",
        "org.web.\x01Impl",
    ],
)
def test_a_jar_stays_that_a_text_names_in_any_way_and_what_it_names(text: str) -> None:
    assert gone({**fn(text), **BOTH}) == {"lib/alone.jar"}
    assert gone({**fn("org.webbing.Web"), **BOTH}) == {"lib/alone.jar", *BOTH}


def test_a_provider_stays_where_its_interface_is_reached() -> None:
    api = jar(("org/api/Log",))
    impl = jar(("org/impl/Logs",), **{"META-INF__services__org_dot_api_dot_Log": "org.impl.Logs"})
    files = {"lib/api.jar": api, "lib/impl.jar": impl}
    assert gone({**fn("org/api/Log"), **files}) == {"lib/alone.jar"}
    assert gone({**fn(), **files}) == {"lib/alone.jar", *files}


@pytest.mark.parametrize(
    "service", ["java_dot_sql_dot_Driver", "com_dot_amazonaws_dot_services_dot_lambda_dot_runtime"]
)
def test_a_provider_for_java_or_lambda_always_stays(service: str) -> None:
    if service.endswith("runtime"):
        service += "_dot_CustomPojoSerializer"
    driver = jar(("org/db/Driver",), **{f"META-INF__services__{service}": "org.db.Driver # 1"})
    assert gone({**fn(), "lib/db.jar": driver}) == {"lib/alone.jar"}


def test_lists_that_a_reached_class_reads_ask_for_what_they_name() -> None:
    lists = {"META-INF__spring_dot_factories": "org.x.Key=org.web.Web"}
    files = {"lib/auto.jar": jar(("org/auto/Auto",), **lists), **BOTH}
    reads = fn("META-INF/spring.factories")
    assert gone({**reads, **files}) == {"lib/alone.jar"}
    assert gone({**fn(), **files}) == {"lib/alone.jar", *files}


def test_settings_of_ones_own_name_classes_and_jars() -> None:
    own = {"app.properties": b"handler=org.web.Web\n"}
    assert gone({**fn(), **own, **BOTH}) == {"lib/alone.jar"}
    own = {"beans.xml": b"<value>org.web.Web</value>"}
    assert gone({**fn(), **own, **BOTH}) == {"lib/alone.jar"}
    own = {"run.sh": b"exec java -cp lib/web.jar:. com.acme.fn.Fn"}
    assert gone({**fn(), **own, **BOTH}) == {"lib/alone.jar"}


def test_names_that_are_put_together_keep_all_below_their_beginning() -> None:
    many = {f"lib/p{n}.jar": jar((f"org/plug/p{n}/P",)) for n in range(10)}
    assert gone({**fn("org.plug.", "forName"), **many}) == {"lib/alone.jar"}
    found = decide({**fn("org.plug.", "forName"), **many}, packs=(), tree_shake=True)
    (said,) = (f.message for f in found.findings if f.code == "parts-by-variable")
    assert said == (
        "com/acme/fn/Fn.class loads classes by names that begin with org.plug.; 10 units count "
        "as reached"
    )
    assert gone({**fn("org.plug."), **many}) == {"lib/alone.jar", *many}


def test_packages_beside_that_of_what_runs_stay() -> None:
    core = jar(("com/acme/fn/core/Repository",))
    assert gone({**fn(), "lib/core.jar": core}) == {"lib/alone.jar"}


@pytest.mark.parametrize("handler", ["com.acme.Main::handle", "com.acme.Main"])
def test_an_entry_in_a_jar_is_what_runs(handler: str) -> None:
    files = {"lib/app.jar": jar(("com/acme/Main", "org.web.Web")), "lib/alone.jar": ALONE, **BOTH}
    assert gone(files, entry=(handler,)) == {"lib/alone.jar"}


def test_an_entry_that_is_in_no_jar_names_the_nearest() -> None:
    files = {"lib/app.jar": jar(("com/acme/Main",))}
    with pytest.raises(UsageError, match=r"no such module .*did you mean 'com\.acme\.Main'\?$"):
        gone(files, entry=("com.acne.Main",))


def test_a_script_that_starts_a_jar_leads_to_its_main_class() -> None:
    main = zipped(
        {
            "META-INF/MANIFEST.MF": b"Main-Class: com.acme.Main\r\nClass-Path: alone.jar\r\n",
            "com/acme/Main.class": class_file("com/acme/Main", "org/web/Web"),
        }
    )
    files = {"bootstrap": b"#!/bin/sh\njava -jar lib/app.jar\n", "lib/app.jar": main}
    assert gone({**files, **BOTH, "lib/alone.jar": ALONE}) == {"lib/alone.jar"}


def test_a_function_beside_reaches_into_a_layer_of_jars() -> None:
    layer = {"java/lib/web.jar": WEB, "java/lib/router.jar": ROUTER, "java/lib/alone.jar": ALONE}
    own = class_file("com/acme/Fn", "org.web.Web")
    assert gone(layer, Zip("fn.zip", {"com/acme/Fn.class": own})) == {"java/lib/alone.jar"}
    inner = Zip("fn.zip", {"lib/fn.jar": jar(("com/acme/Fn", "org.web.Web"))})
    assert gone(layer, inner) == {"java/lib/alone.jar"}


def test_jars_that_nothing_of_java_starts_stay() -> None:
    files = {"app.py": b"import jpype\njpype.startJVM(classpath=['lib/*'])", "lib/alone.jar": ALONE}
    assert gone({**files, **BOTH}) == set()


@pytest.mark.parametrize(
    "path", ["plugins/alone.jar", "lib/broken.jar", "lib/data.jar", "lib/agent.jar"]
)
def test_what_is_no_library_or_cannot_be_read_stays(path: str) -> None:
    data = {
        "plugins/alone.jar": jar(("org/plug/P", "org.web.Web")),
        "lib/broken.jar": b"PK\3\4 no jar",
        "lib/data.jar": zipped({"geo/data.bin": b"x"}),
        "lib/agent.jar": zipped(
            {
                "META-INF/MANIFEST.MF": b"Premain-Class: org.agent.A\n",
                "org/agent/A.class": class_file("org/agent/A"),
            }
        ),
    }
    assert path not in gone({**fn(), path: data[path], **BOTH})


def test_what_cannot_be_read_may_ask_for_all() -> None:
    broken = {"lib/web.jar": zipped({"org/web/Web.class": b"\xca\xfe\xba\xbe\0"})}
    assert gone({**fn("org/web/Web"), **broken}) == set()
    assert gone({**fn(), **broken}) == {"lib/alone.jar", "lib/web.jar"}
    assert gone({**fn(), "lib/broken.jar": b"PK\3\4 no jar"}) == set()


def test_a_keep_brings_a_jar_back_with_all_it_asks_for() -> None:
    assert gone({**fn(), **BOTH}, keep="/lib/web.jar") == {"lib/alone.jar"}


def poms(*coordinates: str) -> dict[str, bytes]:
    return {f"META-INF/maven/{each}/pom.properties": b"" for each in coordinates}


SDK = {
    **poms("com.amazonaws/aws-java-sdk-s3", "com.amazonaws/aws-java-sdk-ec2", "o/x"),
    **{
        f"com/amazonaws/{name}.class": class_file(f"com/amazonaws/{name}", *texts)
        for name, *texts in (
            ("Client",),
            ("services/s3/S3", "com/amazonaws/Client"),
            ("services/ec2/Ec2", "com/amazonaws/Client"),
            ("services/ec2/model/Host",),
        )
    },
    "com/amazonaws/services/ec2/request.handlers": b"x",
}
EC2 = {name for name in SDK if "/ec2/" in name}


def test_in_a_fat_jar_artefacts_are_told_apart_by_their_names() -> None:
    main = class_file("acme/Main", "com.amazonaws.services.s3.S3")
    assert gone_inside({**SDK, "acme/Main.class": main}, "acme.Main") == EC2


@pytest.mark.parametrize(
    "source",
    [
        b"(ns acme.late (:import (com.amazonaws.services.ec2 Ec2)))",
        b"(ns acme.late (:import [com.amazonaws.services.ec2.model Host]))",
        b"(defn f [] (com.amazonaws.services.ec2.Ec2.))",
        b"(ns acme.late) (def h com.amazonaws.services.ec2.Ec2/create)",
    ],
)
def test_sources_of_clojure_name_classes(source: bytes) -> None:
    main = {"acme/main__init.class": class_file("acme/main__init", "acme.late", "com.amazonaws.x")}
    members = {**SDK, **main, "acme/late.clj": source}
    assert not EC2 & gone_inside(members, "acme.main")
    assert gone_inside({**members, "acme/late.clj": b"(ns acme.late)"}, "acme.main") >= EC2


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("my-lib.core-x", {"my_lib/core_x__init.class": class_file("my_lib/core_x__init")}),
        ("my-lib.core-x", {"my_lib/core_x.cljc": b"(ns my-lib.core-x)"}),
        ("/my_lib/core", {"my_lib/core.clj": b""}),
    ],
)
def test_namespaces_are_found_as_clojure_finds_them(text: str, other: dict[str, bytes]) -> None:
    main = {"acme/main__init.class": class_file("acme/main__init", text)}
    assert not other.keys() & gone_inside({**SDK, **main, **other}, "acme.main")
    main = {"acme/main__init.class": class_file("acme/main__init", "my-lib.other")}
    other = {**other, "their/x.clj": b"(ns their.x (:require [my-lib [other :as o]]))"}
    assert "their/x.clj" in gone_inside({**SDK, **main, **other}, "acme.main")


def test_prefix_lists_of_require_name_namespaces() -> None:
    late = {"acme/late.clj": b"(ns acme.late (:require [my-lib [core-x :as x] [y]]))"}
    main = {"acme/main.clj": b"(ns acme.main (:require acme.late))"}
    other = {"my_lib/core_x.clj": b"(ns my-lib.core-x)"}
    assert not other.keys() & gone_inside({**SDK, **late, **main, **other}, "acme.main")


def test_what_everybody_shares_in_a_fat_jar_stays() -> None:
    shared = {
        "config.edn": b"{}",
        "META-INF/services/a.B": b"",
        "public/i.html": b"",
        "X.class": b"",
    }
    shared["X.class"] = class_file("X")
    members = {**SDK, **shared, "acme/Main.class": class_file("acme/Main")}
    assert not shared.keys() & gone_inside(members, "acme.Main")


def test_one_library_is_never_cut_into_pieces() -> None:
    one = {**poms("org.one/one"), **{f"{n}/x/X.class": class_file(f"{n}/x/X") for n in "abcdefg"}}
    main = class_file("org/one/Main", "a.x.X")
    assert gone_inside({**one, "org/one/Main.class": main}, "org.one.Main") == set()


def test_a_list_in_a_fat_jar_counts_once_code_names_it_and_stays() -> None:
    listed = {"META-INF/spring.handlers": b"x=com.amazonaws.services.ec2.Ec2"}
    main = {"acme/Main.class": class_file("acme/Main")}
    assert gone_inside({**SDK, **listed, **main}, "acme.Main") >= EC2
    assert not listed.keys() & gone_inside({**SDK, **listed, **main}, "acme.Main")
    main = {"acme/Main.class": class_file("acme/Main", "META-INF/spring.handlers")}
    assert not EC2 & gone_inside({**SDK, **listed, **main}, "acme.Main")


def test_a_provider_in_a_fat_jar_stays_where_its_interface_is_reached() -> None:
    services = {"META-INF/services/com.amazonaws.Client": b"com.amazonaws.services.ec2.Ec2\n"}
    main = class_file("acme/Main", "com.amazonaws.Client")
    assert not EC2 & gone_inside({**SDK, **services, "acme/Main.class": main}, "acme.Main")
    main = class_file("acme/Main")
    assert gone_inside({**SDK, **services, "acme/Main.class": main}, "acme.Main") >= EC2


def test_files_for_native_images_ask_for_nothing_in_a_fat_jar() -> None:
    image = {"META-INF/native-image/x/y/reflect-config.json": b"com.amazonaws.services.ec2.Ec2"}
    main = {"acme/Main.class": class_file("acme/Main")}
    assert gone_inside({**SDK, **image, **main}, "acme.Main") >= EC2


def test_names_that_jackson_refuses_ask_for_nothing() -> None:
    name = "com/fasterxml/jackson/databind/jsontype/impl/SubTypeValidator"
    refusing = jar((name, "org.web.Web"))
    files = {**fn(name), "lib/jackson.jar": refusing, **BOTH}
    assert gone(files) == {"lib/alone.jar", *BOTH}


NESTED = {
    "META-INF/MANIFEST.MF": b"Main-Class: org.springframework.boot.loader.launch.JarLauncher\n"
    b"Start-Class: com.acme.App\n",
    "org/springframework/boot/loader/launch/JarLauncher.class": class_file("J", "org/alone/Alone"),
    "BOOT-INF/classes/com/acme/App.class": class_file("com/acme/App", "org.web.Web"),
    "BOOT-INF/classpath.idx": b'- "BOOT-INF/lib/alone.jar"\n',
    "BOOT-INF/lib/web.jar": jar(("org/web/Web",), ("org/router/Router",)),
    "BOOT-INF/lib/router.jar": ROUTER,
    "BOOT-INF/lib/alone.jar": ALONE,
}


def test_jars_in_a_jar_are_units_of_their_own() -> None:
    start = b"#!/bin/sh\nexec java -jar /var/task/app.jar\n"
    for beside in ({"bootstrap": start}, {}):
        entry = () if beside else ("com.acme.App",)
        files = {"app.jar": zipped(NESTED), **beside}
        found = decide(files, packs=(), tree_shake=True, entry=entry)
        assert found.reach is not None
        assert set(found.reach.unreached_in("app.jar")) == {"BOOT-INF/lib/alone.jar"}


@pytest.mark.parametrize(
    ("name", "data", "gone_there"),
    [
        ("META-INF/web-fragment.xml", b"<web-fragment/>", set()),
        ("META-INF/resources/a.html", b"", set()),
        ("META-INF/other.txt", b"", {"WEB-INF/lib/other.jar"}),
    ],
)
def test_a_web_application_stays_with_what_its_server_looks_for(
    name: str, data: bytes, gone_there: set[str]
) -> None:
    war = {
        "WEB-INF/web.xml": b"<servlet-class>org.web.Web</servlet-class>",
        "WEB-INF/lib/web.jar": WEB,
        "WEB-INF/lib/router.jar": ROUTER,
        "WEB-INF/lib/other.jar": zipped({"org/alone/Alone.class": class_file("A"), name: data}),
    }
    found = decide({**fn(), "app.war": zipped(war)}, packs=(), tree_shake=True)
    assert found.reach is not None
    assert "app.war" in kept(found)
    assert set(found.reach.unreached_in("app.war")) == gone_there


def test_a_jar_in_a_jar_that_cannot_be_read_keeps_the_others() -> None:
    broken = zipped({**NESTED, "BOOT-INF/lib/broken.jar": b"PK no zip"})
    found = decide({"app.jar": broken}, packs=(), tree_shake=True, entry=("com.acme.App",))
    assert found.reach is not None
    assert not found.reach.unreached_in("app.jar")


def test_a_class_that_is_cut_short_may_ask_for_all() -> None:
    whole = class_file("com/acme/fn/Fn", "org/web/Web")
    for size_bytes in (0, 4, len(whole) // 2, len(whole) - 1):
        assert not gone({"com/acme/fn/Fn.class": whole[:size_bytes], "lib/alone.jar": ALONE})


def test_a_list_of_providers_that_is_cut_short_names_what_it_still_says() -> None:
    spoken = zipped(
        {
            "org/web/Web.class": class_file("org/web/Web"),
            "META-INF/services/org.web.Web": b"# providers\norg.router.Router\norg.alo",
        }
    )
    files = {**fn("org/web/Web"), "lib/web.jar": spoken, "lib/router.jar": ROUTER}
    assert gone(files) == {"lib/alone.jar"}


def test_jars_that_ask_for_each_other_stay_and_go_together() -> None:
    circle = {
        "lib/a.jar": jar(("org/a/A", "org/b/B")),
        "lib/b.jar": jar(("org/b/B", "org/a/A")),
    }
    assert gone({**fn("org/a/A"), **circle}) == {"lib/alone.jar"}
    assert gone({**fn(), **circle}) == {"lib/alone.jar", *circle}


def test_the_class_that_an_images_command_names_stays_with_its_jar() -> None:
    source = MemorySource(
        {"lib/web.jar": WEB, "lib/alone.jar": ALONE, "app/run.sh": b"#!/bin/sh\n"}
    )
    started = Started(("java", "-cp", "/lib/*", "org.web.Web"))
    question = Question(source, (), Settings(tree_shake=True), started=started)
    found = kept(decide_tree(question))
    assert "lib/web.jar" in found
    assert "lib/alone.jar" not in found
