"""Loops and blind tests in a real browser: loops play, a test is answered to its end, and what it says is right."""

import json
from dataclasses import replace

import pytest

from headturn.office.answers import wilson
from recordings import Look, Shot, record
from terminal import headturn
from test_browser import SCREENS, browser

__all__ = ["browser"]

PLAYING = """async () => {
  const videos = Array.from(document.querySelectorAll('video')), seen = []
  for (const video of videos.slice(0, 2)) {
    video.scrollIntoView()
    const from = await new Promise((done) => {
      const wait = () => video.currentTime > 0 ? done(video.currentTime) : setTimeout(wait, 30); wait() })
    await new Promise((done) => setTimeout(done, 250))
    seen.push([from, video.currentTime, video.playbackRate, video.videoWidth, video.duration])
  }
  return seen
}"""

BOTH_PLAY = """() => new Promise((done) => {
  const look = () => Array.from(document.querySelectorAll('video')).every((one) => one.currentTime > 0)
    ? done() : setTimeout(look, 30)
  look()
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three takes, their film, the page of two of them, the map of all, and a blind test of the film."""
    folder = tmp_path_factory.mktemp("pages")
    shot = Shot(seconds=3.4, looks=(Look(1.1, 70), Look(2.3, 70)), width=192, height=108)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.chdir(folder)
        for number in range(3):
            record(folder / "takes" / f"{number + 1}A-1.mp4", replace(shot, facing_deg=70 * number, phase=number))
        assert headturn("make", "takes", "-o", "film", "--min-share", "0.3", "--title", "Türen & <Tore>").code == 0
        assert headturn("joins", "takes/1A-1.mp4", "takes/2A-1.mp4").code == 0
        assert headturn("joins", "takes", "-o", "map.html").code == 0
        assert headturn("blindtest", "film", "-o", "test.html").code == 0
        yield folder


@pytest.fixture(params=SCREENS)
def opened(browser, folder, request):
    """A function that opens a page offline; whatever the page complains of or asks for makes the test fail."""
    width, height = SCREENS[request.param]
    phone = request.param == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone, offline=True
    )
    said, asked = [], []

    def open_(name):
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / name).as_uri(), wait_until="load")
        return page

    yield open_
    context.close()
    assert said == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert {url for url in asked if url.startswith("file")} <= {page.as_uri() for page in folder.glob("*.html")}


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_loops_of_two_takes_play_at_both_speeds(opened):
    page = opened("joins.html")
    (fast, slow), text = page.evaluate(PLAYING), page.inner_text("body")
    assert fast[1] > fast[0] and slow[1] > slow[0]
    assert (fast[2], slow[2]) == (1, 0.25)
    assert fast[3:] == slow[3:] and fast[3] == 192
    assert fast[4] == pytest.approx(2, abs=0.05)
    assert fits(page)
    for words in ("1A-1 → 2A-1", "● seamless", "chance of being caught", "a head turn", "takes turn right"):
        assert words in text


def test_the_map_leads_from_a_sign_to_the_loop(opened):
    page = opened("map.html")
    assert page.locator(".matrix tbody tr").count() == 3
    sign = page.locator(".matrix td.seamless a").first
    target = sign.get_attribute("href")
    sign.click()
    assert page.evaluate("location.hash") == target
    assert page.evaluate("document.querySelector(location.hash).getBoundingClientRect().top") < 200
    assert page.locator(f"{target} video").count() == 2
    assert page.locator(".follow").count() == 3
    assert fits(page)


def test_a_blind_test_is_answered_to_its_end(opened, folder):
    pairs = json.loads((folder / "film" / "blindtest.json").read_text())["tests"][-1]["pairs"]
    assert len(pairs) == 2
    page = opened("test.html")
    assert "Türen & <Tore>" in page.inner_text("h1")
    page.fill("#viewer", "Ämy")
    page.click("#begin")
    for number, pair in enumerate(pairs):
        page.evaluate(BOTH_PLAY)
        assert page.inner_text("#count") == f"{number + 1} of 2"
        assert fits(page)
        assert page.evaluate("new Set(Array.from(document.querySelectorAll('video'), (one) => one.duration)).size") == 1
        page.wait_for_timeout(300)
        if number == 1:
            page.reload()
            page.wait_for_timeout(400)
            assert page.inner_text("#count") == "2 of 2", "it goes on where the viewer left off"
        right = number == 0
        side = pair["side"] if right else {"left": "right", "right": "left"}[pair["side"]]
        page.click(f"#{side}") if number else page.keyboard.press({"left": "ArrowLeft", "right": "ArrowRight"}[side])
        assert page.is_visible("#ending") == (number == 1), "no hint before the end"
    assert page.inner_text("#share") == "1 of 2 right"
    low, high = wilson(1, 2)
    told = page.inner_text("#interval").replace("\u00a0", " ")
    assert f"between {100 * low:.0f} % and {100 * high:.0f} %" in told and told.startswith("50 %")
    assert "Too few answers" in page.inner_text("#meaning")
    assert page.locator("#each tr").count() == 2
    assert fits(page)
    with page.expect_download() as download:
        page.click("#download")
    file = folder / "answers.json"
    download.value.save_as(file)
    page.click("#next")
    assert page.is_visible("#beginning")
    before = len(json.loads((folder / "film" / "blindtest.json").read_text())["sittings"])
    for new in (1, 0):
        counted = json.loads(headturn("blindtest", folder / "film", "--answers", file, "--json").out)
        assert (counted["new"], counted["sittings"]) == (new, before + 1), "taken in once, however often it is given"
    assert counted["all"]["right"] * 2 == counted["all"]["shown"] == 2 * (before + 1)
    assert "Ämy" in (folder / "film" / "blindtest.json").read_text()


def test_nothing_on_the_page_tells_the_answer(folder):
    text = (folder / "test.html").read_text()
    tests = json.loads((folder / "film" / "blindtest.json").read_text())["tests"]
    for pair in tests[-1]["pairs"]:
        loops = [text.partition(f'id="{pair["id"]}-{side}">')[2].partition("<")[0] for side in ("left", "right")]
        assert len(loops[0]) == len(loops[1]) > 1000
        assert loops[0] != loops[1]
    page = text.partition('id="told">')[2].partition("</script>")[0]
    assert set(json.loads(page)) == {"test", "film", "pairs", "key", "sealed"}
    assert not {"side", "splice", "verdict", "uncut"} & set().union(
        *(each.keys() for each in json.loads(page)["pairs"])
    )
    assert "1A-1" not in text


def test_a_film_that_cannot_be_tested_says_why(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "holds no film" in headturn("blindtest").sentence
    assert "is there and is not" in headturn("blindtest", folder / "film", "-o", folder / "film" / "cut.json").sentence
    (tmp_path / "cut.json").write_text('{"schema": "headturn.cut.1"}')
    assert "is no cut, or a damaged one" in headturn("blindtest").sentence
    moved = (folder / "film" / "cut.json").read_text()
    (tmp_path / "cut.json").write_text(moved)
    assert "1A-1.mp4: is not at" in headturn("blindtest", "cut.json").sentence
    assert "nobody has answered yet" in headturn("blindtest", "--answers", _none(tmp_path)).sentence
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "1A-1.mp4").symlink_to(folder / "takes" / "1A-1.mp4")
    assert headturn("make", "alone", "-o", "single").code == 0
    assert "has no splice" in headturn("blindtest", "single").sentence
    assert not (tmp_path / "blindtest.html").exists()


def _none(folder):
    (folder / "none.json").write_text('{"schema": "headturn.blindtest-answers.1", "sittings": []}')
    return folder / "none.json"
