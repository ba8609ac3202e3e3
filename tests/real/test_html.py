"""The HTML page in a real Chromium: it draws, zooms, searches, explains, and asks no network."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, Request

from tests.real.command import Build, build
from tests.support.trees import write_tree
from trees import chromium as real_chromium
from trees.otp import otp_layer

pytestmark = pytest.mark.real

HTML = "report.html"
WIDE, NARROW = (1280, 900), (390, 844)

# Counts the pixels of the map that have a colour of the page's own, such as --kept.
COUNT_PIXELS = """name => {
  const canvas = document.getElementById("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const wanted = getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === r && data[at + 1] === g && data[at + 2] === b) count += 1;
  }
  return count;
}"""

# Finds text that has less contrast to what is behind it than WCAG 2's level AA asks for, 4.5.
PALE_TEXT = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const share = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * share(r) + 0.7152 * share(g) + 0.0722 * share(b);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const pale = [];
  for (const node of document.querySelectorAll("body *")) {
    const text = [...node.childNodes].filter((n) => n.nodeType === 3 && n.data.trim());
    if (!text.length || !node.checkVisibility() || node.closest(".unseen, script")) continue;
    const [a, b] = [rgb(getComputedStyle(node).color), behind(node)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) pale.push(node.textContent.trim() + " " + ratio.toFixed(2));
  }
  return pale;
}"""


class Opened(NamedTuple):
    """A page, and all that it asked for or complained of."""

    page: Page
    requests: list[str]
    complaints: list[str]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with real_chromium.started() as found:
        yield found


@pytest.fixture(scope="module")
def otp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Give the OTP layer with its page, and a rescue and a link among the verdicts."""
    folder = tmp_path_factory.mktemp("html")
    drop = ("--drop", "lib/erlang/lib/sasl-*/", "--max", "65MB", "--level", "1")
    built = build(otp_layer(), folder, "--html", HTML, *drop)
    assert built.status == 0, built.said
    yield built
    shutil.rmtree(folder)


def open_page(
    chromium: Browser, file: Path, size: tuple[int, int] = WIDE, scheme: str = "light"
) -> Opened:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        offline=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []

    def asked(request: Request) -> None:
        requests.append(request.url)

    context.on("request", asked)
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(file.resolve().as_uri())
    page.wait_for_selector("html[data-ready]")
    return Opened(page, requests, complaints)


@pytest.fixture
def opened(chromium: Browser, otp: Build) -> Iterator[Opened]:
    found = open_page(chromium, otp.folder / HTML)
    yield found
    assert found.complaints == []
    assert found.requests == [(otp.folder / HTML).resolve().as_uri()]
    found.page.context.close()


@pytest.fixture
def page(opened: Opened) -> Page:
    return opened.page


def shipped_bytes(entry: dict[str, Any], key: str = "unzipped_bytes") -> int:
    return int(entry.get(key, entry["size_bytes"]))


def below(built: Build, folder: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = built.report["entries"]
    return [e for e in entries if e["path"].startswith(folder) and e["kind"] != "directory"]


def count_of(page: Page) -> int:
    """Return how many files the page says it shows."""
    found = re.search(r"([\d,]+) files?", page.locator("#count").inner_text())
    assert found
    return int(found[1].replace(",", ""))


def pixels(page: Page, name: str) -> int:
    return int(page.evaluate(COUNT_PIXELS, name))


def cell(page: Page, name: str) -> Locator:
    return page.locator(f'#cells button[aria-label^="{name}, "]')


def crumbs(page: Page) -> list[str]:
    return page.locator("#crumbs button").all_inner_texts()


def hide(page: Page, verdict: str) -> None:
    page.locator(f'#verdicts button[data-key="{verdict}"]').click()


# --- it says what the build did ---


def test_its_header_holds_the_sums_of_the_report(page: Page, otp: Build) -> None:
    artifact = otp.report["artifacts"][0]
    head = page.locator("header").inner_text()
    assert f"{artifact['zip_bytes']:,} B" in head
    assert f"{otp.report['total']['files']:,} files" in head
    assert f"{artifact['members']:,} members" in head
    assert artifact["code_sha256"] in head
    assert artifact["sha256"] in head
    for cap in otp.report["caps"]:
        assert f"{cap['actual']:,}" in head
        assert f"{cap['limit']:,}" in head
    page.locator(".findings summary").click()
    shown = page.locator(".findings li").all_inner_texts()
    messages = [finding["message"] for finding in otp.report["findings"]]
    assert messages
    assert len(shown) == len(messages)
    plain = [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown]
    assert all(message in text for message, text in zip(messages, plain, strict=True))


def test_it_holds_every_file_with_its_verdict_bytes_and_reason(page: Page, otp: Build) -> None:
    rows = page.evaluate(
        """() => model.files.node.map((node, file) => ({
          path: node.path, verdict: verdictOf(model, file), component: componentOf(model, file),
          unzipped: model.files.unzipped[file], zipped: model.files.zipped[file],
          ...reasonOf(model, file) }))"""
    )
    entries = otp.report["entries"]
    assert [row["path"].rstrip("/") for row in rows] == [entry["path"] for entry in entries]
    whys = {row["name"]: row["why"] for row in otp.report["components"]}
    chains = {row["chain"] for row in otp.report["rescues"]}
    for row, entry in zip(rows, entries, strict=True):
        verdicts = {"keep": {"kept", "rescued"}, "drop": {"dropped"}, "link": {"linked"}}
        assert row["verdict"] in verdicts[entry["step"]]
        assert row["unzipped"] == shipped_bytes(entry)
        assert row["zipped"] == entry.get("zip_bytes", -1)
        assert row["why"].endswith(".")
        assert row["pattern"] == entry.get("pattern", "")
        if entry["step"] == "drop":
            assert (row["component"], row["why"]) == (entry["rule"], whys[entry["rule"]])
            assert row["place"]
        if entry["step"] == "link":
            assert entry["to"] in row["why"]
        if row["verdict"] == "rescued":
            assert any(chain in row["why"] for chain in chains)
    assert {row["verdict"] for row in rows} == {"kept", "rescued", "linked", "dropped"}
    components = {row["component"] for row in rows if row["verdict"] == "kept"}
    assert components >= {"erlang/stdlib", "erlang/kernel", "elixir/elixir"}


# --- the map ---


def test_it_draws_what_was_kept_and_what_was_dropped(page: Page) -> None:
    assert int(page.locator("#map").get_attribute("data-cells") or 0) > 1000
    kept, dropped = pixels(page, "kept"), pixels(page, "dropped")
    assert 500 < kept < dropped  # 13 MB of some 308
    hide(page, "dropped")
    assert pixels(page, "dropped") == 0
    assert pixels(page, "kept") > 10 * kept
    assert pixels(page, "rescued") > 100


def test_a_cells_area_is_its_share_of_the_bytes(page: Page, otp: Build) -> None:
    boxes = page.evaluate(
        """() => view.cells.filter((cell) => cell.depth === 1 && !cell.rest)
          .map((cell) => [cell.node.path, cell.w * cell.h / (view.width * view.height)])"""
    )
    total = sum(shipped_bytes(entry) for entry in below(otp, ""))
    assert len(boxes) >= 2
    for path, share in boxes:
        inside = sum(shipped_bytes(entry) for entry in below(otp, path))
        assert share == pytest.approx(inside / total, rel=0.001)


def test_a_click_goes_into_a_folder_and_the_way_back_is_there(page: Page, otp: Build) -> None:
    everything = count_of(page)
    assert everything == otp.report["total"]["files"]
    box = cell(page, "lib").bounding_box()
    assert box
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    assert crumbs(page) == ["Everything", "lib"]
    assert count_of(page) == len(below(otp, "lib/"))
    cell(page, "elixir").click(position={"x": 3, "y": 3})
    assert crumbs(page)[:3] == ["Everything", "lib", "elixir"]
    page.locator("#crumbs button", has_text="lib").first.click()
    assert crumbs(page) == ["Everything", "lib"]
    page.keyboard.press("Escape")
    assert count_of(page) == everything
    cell(page, "lib").click(position={"x": 3, "y": 3})
    page.keyboard.press("Backspace")
    assert crumbs(page) == ["Everything"]


def test_the_keyboard_goes_everywhere(page: Page) -> None:
    page.locator("#crumbs button").focus()
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert re.match(r"share, folder, [\d,]+ files, [\d.]+ MB", first)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.cell.node.name") == "lib"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert page.locator("#reason .path").inner_text() == "lib/"
    page.keyboard.press("Enter")
    assert crumbs(page) == ["Everything", "lib"]
    assert page.evaluate("document.activeElement.cell.node.path").startswith("lib/")
    page.keyboard.press("Backspace")
    assert crumbs(page) == ["Everything"]
    assert page.evaluate("document.activeElement.cell.node.name") == "lib"


def test_pointing_at_a_cell_shows_its_reason(page: Page, otp: Build) -> None:
    page.evaluate("zoomTo(model.files.node.find((n) => n.path.endsWith('/wxe_driver.so')).parent)")
    box = cell(page, "wxe_driver.so").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    gui = next(row for row in otp.report["components"] if row["name"] == "erlang/gui")
    entry = next(e for e in otp.report["entries"] if e["path"].endswith("/wxe_driver.so"))
    for place in ("#tip", "#reason"):
        said = page.locator(place).inner_text()
        assert entry["path"] in said
        assert gui["why"] in said
        assert f"{entry['size_bytes']:,} B" in said
        assert "dropped" in said
        assert "erlang/gui" in said
    said = page.locator("#reason").inner_text()
    assert entry["pattern"] in said
    assert "rules/erlang.toml" in said
    page.mouse.move(5, 5)
    assert not page.locator("#tip").is_visible()


def test_what_a_transform_saved_is_in_the_reason(page: Page, otp: Build) -> None:
    entry = next(e for e in otp.report["entries"] if e.get("transform") == "beam-strip")
    page.locator("#search").fill(entry["path"])
    page.locator("#rows tr[data-file]").first.click()
    saved = entry["size_bytes"] - entry["unzipped_bytes"]
    said = page.locator("#reason").inner_text()
    assert f"beam-strip saved {saved:,} B unzipped" in said
    assert f"{entry['zip_bytes']:,} B" in said


def test_zipped_bytes_are_those_of_the_zip(page: Page, otp: Build) -> None:
    before = page.evaluate("view.cells.length")
    page.get_by_text("Zipped", exact=True).first.click()
    assert page.locator("#note").is_visible()
    assert pixels(page, "dropped") == 0
    assert pixels(page, "kept") > 1000
    assert page.evaluate("view.cells.length") != before
    zipped = sum(entry.get("zip_bytes", 0) for entry in otp.report["entries"])
    assert page.evaluate("state.root.weight") == zipped
    assert zipped + 22 == otp.report["artifacts"][0]["zip_bytes"]  # its end, APPNOTE 4.3.16


def test_colour_by_component(page: Page) -> None:
    hide(page, "dropped")
    page.locator("#verdicts").get_by_text("kept").is_visible()
    page.get_by_text("Component", exact=True).first.click()
    chips = page.locator("#components button")
    names = chips.locator("span:nth-child(2)").all_inner_texts()
    assert "erlang/stdlib" in names
    assert names[-1].endswith("more components")
    colours = {f"c{number}": pixels(page, f"c{number}") for number in range(10)}
    assert all(colours.values()), colours
    before = count_of(page)
    page.locator('#components button[data-key="erlang/stdlib"]').click()
    assert 0 < count_of(page) < before


# --- search and table ---


def test_search_narrows_the_table_and_pales_the_rest(page: Page, otp: Build) -> None:
    bright = pixels(page, "dropped") + pixels(page, "kept")
    page.keyboard.press("/")
    page.keyboard.type("OS_MON .beam")
    wanted = [e["path"] for e in below(otp, "") if "os_mon" in e["path"] and ".beam" in e["path"]]
    assert len(wanted) > 3
    assert count_of(page) == len(wanted)
    shown = page.locator("#rows tr[data-file] td:first-child")
    assert {row.get_attribute("title") for row in shown.all()} <= set(wanted)
    assert 0 < pixels(page, "dropped") + pixels(page, "kept") < bright / 10
    page.locator("#search").fill("no such file")
    assert "0 files" in page.locator("#count").inner_text()
    assert page.locator("#rows tr[data-file]").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""
    assert count_of(page) == otp.report["total"]["files"]


def test_search_finds_components_and_verdicts(page: Page, otp: Build) -> None:
    page.locator("#search").fill("erlang/gui dropped")
    gui = next(row for row in otp.report["components"] if row["name"] == "erlang/gui")
    assert count_of(page) == gui["files"]


@pytest.mark.parametrize("key", ["unzipped", "zipped", "path", "component", "verdict"])
def test_the_table_is_sorted_by_each_column_both_ways(page: Page, key: str) -> None:
    order = """key => [...document.querySelectorAll("#rows tr[data-file]")].map((row) => {
      const file = Number(row.dataset.file);
      const values = { path: file, component: componentOf(model, file) };
      return key in values ? values[key] : model.files[key][file];
    })"""
    head = page.locator(f'#table th[data-key="{key}"]')
    seen = set()
    for _ in range(2):
        head.locator("button").click()
        shown = page.evaluate(order, key)
        direction = head.get_attribute("aria-sort")
        assert len(shown) > 10
        assert shown == sorted(shown, reverse=direction == "descending")
        seen.add(direction)
    assert seen == {"ascending", "descending"}


def test_only_rows_in_sight_exist_and_all_can_be_reached(page: Page, otp: Build) -> None:
    assert page.locator("#rows tr[data-file]").count() < 60
    total = page.evaluate("model.count")
    assert page.locator("#table").get_attribute("aria-rowcount") == str(total + 1)
    page.locator("#rows tr[data-file]").first.focus()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == str(total + 1)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")
    assert int(page.evaluate("document.activeElement.dataset.place")) > 5
    path = page.evaluate("model.files.node[Number(document.activeElement.dataset.file)].path")
    said = page.locator("#reason").inner_text()
    assert path in said
    assert page.locator("#spot").is_visible()
    page.keyboard.press("Enter")
    assert path.startswith(page.evaluate("state.root.path"))
    assert count_of(page) < otp.report["total"]["files"]


def test_a_name_is_cut_only_where_its_folder_has_given_way(page: Page) -> None:
    rows = page.evaluate(
        """[...document.querySelectorAll('td .path')].map(path => {
            const wide = part => part ? part.scrollWidth - part.clientWidth : 0;
            const name = path.querySelector('.name.start'), folder = path.querySelector('.folder');
            const room = folder ? folder.clientWidth : 0;
            return [wide(name), room, parseFloat(getComputedStyle(folder || path).fontSize)];
        })"""
    )
    assert rows
    assert [row for row in rows if row[0] > 0 and row[1] > 6 * row[2]] == []


def test_its_tables_of_sums_add_up(page: Page, otp: Build) -> None:
    page.get_by_text("Dropped, by component").click()
    texts = page.locator("details.sums").first.locator("tbody tr").all_inner_texts()
    assert len(texts) == len(otp.report["components"])
    for row, text in zip(otp.report["components"], texts, strict=True):
        assert row["name"] in text
        assert f"{row['files']:,}" in text
        assert row["why"] in text


# --- for everyone, anywhere ---


def test_nothing_can_be_asked_of_a_network(chromium: Browser, otp: Build) -> None:
    opened = open_page(chromium, otp.folder / HTML)
    opened.page.context.set_offline(False)
    blocked = opened.page.evaluate(
        """async () => {
          const blocked = [];
          document.addEventListener("securitypolicyviolation", (event) =>
            blocked.push(event.effectiveDirective));
          await fetch("http://127.0.0.1:9/x").catch(() => {});
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.head.append(script);
          const style = document.createElement("style");
          style.textContent = "p {}";
          document.head.append(style);
          const image = new Image();
          image.src = "http://127.0.0.1:9/x.png";
          await new Promise((done) => setTimeout(done, 200));
          return [...blocked, String(window.ran)];
        }"""
    )
    kinds = {"connect-src", "img-src", "script-src-elem", "style-src-elem"}
    assert set(blocked) == {*kinds, "undefined"}
    assert opened.requests[0].startswith("file:")
    assert [url for url in opened.requests if not url.startswith(("file:", "http://127"))] == []
    opened.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_it_fits_and_can_be_read(
    chromium: Browser, otp: Build, size: tuple[int, int], scheme: str
) -> None:
    opened = open_page(chromium, otp.folder / HTML, size, scheme)
    page = opened.page
    for folded in page.locator("summary").all():
        folded.click()
    page.get_by_text("Component", exact=True).first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(PALE_TEXT) == []
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = all(int(part) < 64 for part in re.findall(r"\d+", back))
    map_box, table_box = (page.locator(at).bounding_box() for at in ("#map", "#scroller"))
    assert map_box
    assert table_box
    beside = map_box["x"] + map_box["width"] <= table_box["x"]
    assert beside if size == WIDE else map_box["y"] + map_box["height"] <= table_box["y"]
    assert table_box["width"] >= 0.5 * size[0]
    assert is_dark == (scheme == "dark")
    assert opened.complaints == []
    page.context.close()


def test_its_colours_can_be_turned_round(page: Page) -> None:
    def back() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    light = back()
    page.get_by_role("button", name="Use dark colours").click()
    dark = back()
    assert dark != light
    assert pixels(page, "kept") > 0
    page.get_by_role("button", name="Use light colours").click()
    assert back() == light
    page.emulate_media(color_scheme="dark")
    assert back() == light  # what was chosen stays


def test_a_finger_on_a_narrow_screen_zooms_and_explains(chromium: Browser, otp: Build) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto((otp.folder / HTML).resolve().as_uri())
    page.wait_for_selector("html[data-ready]")
    cell(page, "lib").tap(position={"x": 3, "y": 3})
    assert crumbs(page)[:2] == ["Everything", "lib"]
    page.locator("#scroller").evaluate("node => node.scrollIntoView({ block: 'end' })")
    for place in (5, 2):
        row = page.locator("#rows tr[data-file]").nth(place)
        path = row.locator("td").first.get_attribute("title") or "none"
        row.tap()
        reason = page.locator("#reason")
        assert path in reason.inner_text()
        box = reason.bounding_box()
        assert box
        assert 0 <= box["y"] < 400  # in sight, with the table
    context.close()


# --- names that try to be something else ---

EVIL = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<!--<script>",
    "quote\"'&amp;.txt",
    "line\u2028separator.txt",
    "right\u202eto-left.txt",
    "__proto__",
    "${constructor}",
)


def test_names_are_only_ever_text(chromium: Browser, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    plain = [name.replace("/", "\u2044") for name in EVIL]
    write_tree(tree, dict.fromkeys(plain, "x" * 500))
    write_tree(tree, {"</script/<b>": "x" * 500})  # a folder, as no name holds a slash
    raw = os.fsencode(tree) + b"/README-\xff.md"
    Path(os.fsdecode(raw)).write_bytes(b"dropped\n")
    built = build(tree, tmp_path / "out", "--html", HTML, "--drop", "README*")
    assert built.status == 0, built.said
    opened = open_page(chromium, tmp_path / "out" / HTML)
    shown = "".join(
        opened.page.locator("#rows tr[data-file] td:first-child .path").all_text_contents()
    )
    for name in ("<img src=x onerror=alert(2)>", "<!--<script>", "quote\"'&amp;.txt"):
        assert name in shown
    for name in ("\\xff.md", "line\\u2028separator.txt", "right\\u202eto-left.txt", "__proto__"):
        assert name in shown
    opened.page.locator("#search").fill("README-\\xff")
    assert count_of(opened.page) == 1
    for number in range(opened.page.locator("#cells button").count()):
        opened.page.locator("#cells button").nth(number).focus()
    assert opened.complaints == []
    assert opened.page.locator("img, b b").count() == 0
    opened.page.context.close()


def test_what_was_dropped_is_drawn_zipped_where_it_was_measured(
    chromium: Browser, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    write_tree(tree, {"app.txt": "kept\n" * 90, "doc/index.html": "Read me.\n" * 900})
    built = build(tree, tmp_path / "out", "--html", HTML, "--measure-dropped", "--drop", "doc")
    assert built.status == 0, built.said
    opened = open_page(chromium, tmp_path / "out" / HTML)
    page = opened.page
    assert "zipped" in page.locator(".way li").first.inner_text()
    page.get_by_text("Zipped", exact=True).first.click()
    assert not page.locator("#note").is_visible()
    assert pixels(page, "dropped") > 500
    packed = {e["path"]: e["zip_bytes"] for e in built.report["entries"] if "zip_bytes" in e}
    assert page.evaluate("state.root.weight") == sum(packed.values())
    page.locator("#rows tr[data-file]", has_text="index.html").click()
    said = page.locator("#reason").inner_text()
    assert f"would be {packed['doc/index.html']:,} B" in said
    assert opened.complaints == []
    page.context.close()


def test_what_was_not_packed_is_drawn_too(chromium: Browser, otp: Build, tmp_path: Path) -> None:
    over = build(otp_layer(), tmp_path, "--html", HTML, "--max", "1MB", "--level", "1")
    assert over.status == 1, over.said
    assert not over.zip.exists()
    opened = open_page(chromium, tmp_path / HTML)
    assert "failed" in opened.page.locator("header").inner_text()
    assert opened.page.locator(".caps .over").count() == 1
    assert opened.page.locator(".findings[open] .fail").count() >= 1
    assert count_of(opened.page) == otp.report["total"]["files"]
    assert pixels(opened.page, "kept") > 500
    opened.page.context.close()
