"""The poster: one page, readable by machines, nothing of a case in its metadata (U29, U46)."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import StreamObject

from alerts.posters import LABELS, PosterContent, poster_labels, render_poster

LETTER = (612, 792)  # points


def jpeg(width: int = 600, height: int = 750) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (width, height), "#4466aa").save(picture, "JPEG")
    return picture.getvalue()


def poster(**changes: object) -> PosterContent:
    content = PosterContent(
        language="en",
        country="MX",
        is_exercise=False,
        event="AMBER Alert",
        headline="Ximena, 7, girl, last seen in Ciudad Juárez",
        paragraphs=("A 7-year-old girl was taken from a park.", "She wore a red T-shirt and jeans."),
        instruction="Note the plate and the direction.",
        photo_jpeg=jpeg(),
        program_name="Alerta AMBER Chihuahua",
        alert_number="MX-CHH-2026-00017",
        tip_phone_display="800 00 854 00",
        abroad_phone_display="+52 55 5346 0000",
        as_of="October 3, 2026, 19:12 MDT (UTC-0600)",
        valid_until="October 6, 2026, 19:12 MDT (UTC-0600)",
        page_url="https://alerts.example/a/MX-CHH-2026-00017",
        labels=poster_labels("en"),
    )
    return replace(content, **changes)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    """Return the text of all pages with line breaks and runs of spaces as one space."""
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def test_poster_is_one_letter_page_with_what_it_must_bear():
    content = poster()
    pdf = render_poster(content)
    (page,) = read(pdf).pages
    assert (page.mediabox.width, page.mediabox.height) == LETTER
    text = words(pdf)
    for must in (
        content.event,
        content.headline,
        *content.paragraphs,
        content.instruction,
        "Call 911 if you see them. Do not approach.",
        content.tip_phone_display,
        content.abroad_phone_display,
        content.alert_number,
        content.as_of,
        f"Valid until {content.valid_until}",
        content.program_name,
        "Check before sharing",
    ):
        assert must in text
    assert len(page.images) == 1


def test_poster_without_photo_or_abroad_number_leaves_no_trace_of_them():
    pdf = render_poster(poster(photo_jpeg=None, abroad_phone_display=""))
    (page,) = read(pdf).pages
    assert not page.images
    assert "From abroad" not in words(pdf)


@pytest.mark.parametrize("size", [(300, 3000), (3000, 300), (40, 40)])
def test_poster_keeps_one_page_with_photos_of_any_shape(size: tuple[int, int]):
    pdf = render_poster(poster(photo_jpeg=jpeg(*size)))
    assert len(read(pdf).pages) == 1
    text = words(pdf)
    assert "She wore a red T-shirt and jeans." in text
    assert "Full text" not in text
    assert "Check before sharing" in text


@pytest.mark.parametrize("is_exercise", [False, True])
@pytest.mark.parametrize("has_photo", [False, True])
@pytest.mark.parametrize("sentences", [5, 20, 40])
def test_poster_shrinks_long_text_and_keeps_every_word_on_one_page(sentences: int, has_photo: bool, is_exercise: bool):
    paragraphs = tuple(f"Sentence {number} says what the suspect wore and drove." for number in range(sentences))
    pdf = render_poster(
        poster(paragraphs=paragraphs, photo_jpeg=jpeg() if has_photo else None, is_exercise=is_exercise)
    )
    assert len(read(pdf).pages) == 1
    text = words(pdf)
    for number in (0, sentences // 2, sentences - 1):
        assert f"Sentence {number} says" in text
    assert "Full text: scan the code." not in text


@pytest.mark.parametrize("paragraphs", [("The suspect drives a blue car. " * 900,), ("A short sentence.",) * 900])
def test_poster_points_to_the_page_when_the_text_fits_at_no_readable_size(paragraphs: tuple[str, ...]):
    content = poster(paragraphs=paragraphs)
    pdf = render_poster(content)
    assert len(read(pdf).pages) == 1
    text = words(pdf)
    assert "Full text: scan the code." in text
    assert "…" in text
    assert content.instruction in text
    assert content.alert_number in text
    assert f"Valid until {content.valid_until}" in text


def test_poster_with_an_endless_headline_stays_on_one_page_with_its_phones():
    pdf = render_poster(poster(headline="girl " * 2000, paragraphs=("x" * 9000,)))
    assert len(read(pdf).pages) == 1
    assert "800 00 854 00" in words(pdf)


@pytest.mark.parametrize(
    "text",
    [
        '#eval("1+1") #image("/etc/passwd") #pagebreak()',
        "$ x^2 $ costs $5 and 5 * 3 * 2 _under_ `code`",
        r'back\slash "quoted" [bracket] {brace} <label> @reference ~ // remark /* remark */',
        "= Heading - list + item / term: 1. number -- ---",
        "</script><svg> & &amp; %s {0}",
    ],
)
def test_poster_prints_markup_characters_as_they_were_typed(text: str):
    content = poster(headline=text, paragraphs=(text,), instruction=text, program_name=text, photo_jpeg=None)
    pdf = render_poster(content)
    assert len(read(pdf).pages) == 1
    assert words(pdf).replace(" ", "").count(text.replace(" ", "")) == 4


@pytest.mark.parametrize(
    ("language", "country", "event", "sentence"),
    [
        ("es", "MX", "Alerta AMBER", "¿La ha visto? Niña de 7 años, pingüino en la playera, Coyoacán."),
        (
            "fr",
            "CA",
            "Alerte AMBER",
            "Fillette de 7 ans, chandail à capuchon « Noël », vue à Québec : cœur, été, où, ça.",
        ),
    ],
)
def test_poster_prints_the_letters_of_each_language(language: str, country: str, event: str, sentence: str):
    content = poster(language=language, country=country, event=event, paragraphs=(sentence,), photo_jpeg=None)
    pdf = render_poster(content)
    text = words(pdf)
    assert event in text
    assert sentence in text
    assert read(pdf).trailer["/Root"]["/Lang"] == f"{language}-{country}"


def test_poster_of_an_exercise_says_so_in_three_languages_twice():
    text = words(render_poster(poster(is_exercise=True)))
    for word in ("EXERCISE", "SIMULACRO", "EXERCICE"):
        assert text.count(word) == 2, word


def test_poster_of_a_real_alert_never_says_exercise():
    text = words(render_poster(poster()))
    assert not [word for word in ("EXERCISE", "SIMULACRO", "EXERCICE") if word in text]


def test_poster_is_titled_by_its_number_and_names_nobody_in_its_metadata():
    pdf = read(render_poster(poster()))
    assert pdf.metadata.title == "MX-CHH-2026-00017"
    assert pdf.metadata.author is None
    assert not pdf.outline
    described = [str(value) for value in pdf.metadata.values()]
    xmp = pdf.trailer["/Root"].get("/Metadata")
    if isinstance(xmp, StreamObject):
        described.append(xmp.get_data().decode())
    assert not [value for value in described if "Ximena" in value or "Juárez" in value]


def test_poster_bears_a_code_that_changes_with_the_address():
    here = render_poster(poster(photo_jpeg=None))
    there = render_poster(poster(photo_jpeg=None, page_url="https://alerts.example/a/MX-CHH-2026-00018"))
    drawn = [read(pdf).pages[0].get_contents().get_data() for pdf in (here, there)]
    assert drawn[0] != drawn[1]


def test_poster_says_nothing_of_the_poster_before_it():
    render_poster(poster())
    pdf = render_poster(poster(headline="Another alert", paragraphs=("Other words.",), photo_jpeg=None))
    assert "Ximena" not in words(pdf)
    assert not read(pdf).pages[0].images


def test_poster_refuses_missing_words_and_other_files_than_jpeg():
    with pytest.raises(ValueError, match="check_before_sharing"):
        render_poster(poster(labels={key: "x" for key in LABELS if key != "check_before_sharing"}))
    with pytest.raises(ValueError, match="JPEG"):
        render_poster(poster(photo_jpeg=b"<svg/>"))
