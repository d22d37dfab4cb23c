"""The film and the report in a real browser: what a viewer is sent has to play and to open."""

import os
import shutil
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from outsider import Film
from recordings import Look, Shot, record
from terminal import headturn

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--allow-file-access-from-files",
    "--autoplay-policy=no-user-gesture-required",
]
SCREENS = {"desk": (1280, 800), "phone": (390, 844)}

PLAY = """async () => {
  const video = document.querySelector('video'), canvas = document.createElement('canvas'), seen = []
  canvas.width = 64; canvas.height = 36
  const paper = canvas.getContext('2d', {willReadFrequently: true})
  const look = () => {
    paper.drawImage(video, 0, 0, 64, 36)
    seen.push([video.currentTime, Array.from(paper.getImageData(0, 0, 64, 36).data)])
    video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
  video.playbackRate = 2
  await video.play()
  await new Promise((done, failed) => { video.onended = done; video.onerror = () => failed(video.error.message) })
  return {seen, ended: video.ended, time: video.currentTime, duration: video.duration,
          size: [video.videoWidth, video.videoHeight], sound: video.webkitAudioDecodedByteCount}
}"""

LOOK_OVER = """() => ({
  pictures: Array.from(document.querySelectorAll('img[src]'), one => [one.naturalWidth, one.naturalHeight]),
  width: document.documentElement.scrollWidth, screen: window.innerWidth,
  text: document.body.innerText,
})"""


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; a checked tree has one, elsewhere it may be absent."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing = "no Chromium is installed: whether the film plays in a browser is not tested"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield window
        window.close()


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of three short takes, with sound, and the folder it lies in."""
    folder = tmp_path_factory.mktemp("browser")
    shot = Shot(seconds=2, looks=(Look(0.4, 60), Look(1.6, 60)), tone_hz=220)
    for number in range(3):
        record(folder / "takes" / f"{number + 1}A-1.mp4", replace(shot, facing_deg=60 * number))
    (folder / "takes" / "broken.mp4").touch()
    assert headturn("make", folder / "takes", "-o", folder / "film", "--title", "Türen & <Tore>").code == 0
    return Film(folder / "film")


def test_the_film_plays_to_its_end_with_a_moving_image_and_sound(browser, film):
    (film.folder / "theatre.html").write_text('<!doctype html><video src="film.mp4"></video>')
    page = browser.new_page()
    page.goto((film.folder / "theatre.html").as_uri())
    shown = page.evaluate(PLAY)
    page.close()
    duration = film.cut["frames"] / float(film.rate)
    assert shown["ended"]
    assert shown["time"] == pytest.approx(shown["duration"])
    assert shown["duration"] == pytest.approx(duration, abs=0.05)
    assert shown["size"] == [film.cut["width"], film.cut["height"]]
    assert shown["sound"] > 1000
    times = [time for time, _ in shown["seen"]]
    assert times[0] < duration / 4 < 3 * duration / 4 < times[-1]
    pictures = np.array([pixels for _, pixels in shown["seen"]], float).reshape(len(times), -1, 4)[..., :3]
    assert (pictures.std(axis=(1, 2)) > 10).all(), "none is black or blank"
    quarters = [pictures[np.searchsorted(times, duration * share)] for share in (0.05, 0.3, 0.55, 0.8)]
    for one, other in pairwise(quarters):
        assert np.abs(one - other).mean() > 5


@pytest.mark.parametrize("screen", SCREENS)
def test_the_report_opens_offline(browser, film, screen):
    width, height = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=screen == "phone", offline=True
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    address = (film.folder / "report.html").as_uri()
    page.goto(address, wait_until="load")
    page.mouse.wheel(0, 20000)
    seen = page.evaluate(LOOK_OVER)
    page.locator("img.still").last.click()
    opened = page.locator("dialog img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    context.close()
    assert opened > 0, "a still can be seen large"
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert len(seen["pictures"]) > 20
    assert min(min(size) for size in seen["pictures"]) > 0
    assert seen["width"] <= seen["screen"], "the page scrolls sideways"
    for words in ("Türen & <Tore>", "1A-1", "Splice 2", "broken.mp4", "is empty"):
        assert words in seen["text"]
