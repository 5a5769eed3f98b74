"""Further questions of a criteria version are rows of a form, not typed as JSON (U33)."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

from agencies.admin.branch_rows import PARTS
from agencies.models import Agency, CriteriaVersion, Membership
from cases.criteria.rules import questions_of
from tests.agencies.admin_pages import address, form_values, page_for_next, store

pytestmark = pytest.mark.django_db
ROW = {"question": "under_14", "after": "danger", "opener": "no", "age": ""}


@pytest.fixture
def own(california_staff: Any) -> CriteriaVersion:
    """California's only version, without further questions, on which no decision rests."""
    return CriteriaVersion.objects.get(program__code="us-ca")


def typed(*rows: dict[str, str]) -> dict[str, str]:
    """Return rows as a browser sends them."""
    return {f"branches-{at}-{part}": row[part] for at, row in enumerate(rows) for part in PARTS}


def test_rows_are_kept_in_the_shape_of_before_and_read_by_officers(
    client: Any, california_staff: Any, own: Any
) -> None:
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    page = html.fromstring(client.get(url).text)
    assert not page.xpath('//textarea[@name="branches"]')
    labels = {item.get("for") for item in page.xpath("//label")}
    fields = page.xpath('//*[starts-with(@name, "branches-")]')
    assert len(fields) == 16 and all(item.get("id") in labels for item in fields)
    rows = typed(ROW, {"question": "parent_homicide", "after": "under_14", "opener": "age", "age": "9"})
    shown, saved = store(client, url, {**form_values(client.get(url)), **rows})
    assert "preview" in shown.context and saved.status_code == 302
    own.refresh_from_db()
    assert own.branches == [
        {"question": "under_14", "after": "danger", "answer": "no"},
        {"question": "parent_homicide", "after": "under_14", "max_age": 9},
    ]
    asked = [question.code for question in questions_of(own)]
    assert asked[asked.index("danger") :][:3] == ["danger", "under_14", "parent_homicide"]
    again = html.fromstring(client.get(url).text)
    chosen = again.xpath('//select[starts-with(@name, "branches-")]//option[@selected and @value!=""]/@value')
    assert chosen == ["under_14", "danger", "no", "parent_homicide", "under_14", "age"]
    assert again.xpath('//input[@name="branches-1-age"]/@value') == ["9"]
    values = {**form_values(client.get(url)), **typed(dict.fromkeys(PARTS, ""), dict.fromkeys(PARTS, ""))}
    _shown, saved = store(client, url, values)
    assert saved.status_code == 302
    own.refresh_from_db()
    assert own.branches == [], "emptied rows are no questions"


WRONG = [
    ({"after": ""}, "Elija la pregunta"), ({"opener": ""}, "Elija la pregunta"),
    ({"question": "danger"}, "no está en la lista"), ({"after": "under_14"}, "no puede depender de esta"),
    ({"after": "x y"}, "no puede depender de esta"), ({"opener": "age"}, "la edad máxima en años enteros"),
    ({"opener": "age", "age": "-1"}, "la edad máxima en años enteros"),
    ({"opener": "age", "age": "131"}, "la edad máxima en años enteros"), ({"age": "9"}, "va solo con la edad"),
    ({"opener": "perhaps"}, "Elija la pregunta"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_row_that_could_not_be_asked_comes_back_with_its_number_in_the_language_of_the_reader(
    client: Any, california_staff: Any, own: Any, wrong: dict[str, str], said: str
) -> None:
    california_staff.language = "es"
    california_staff.save()
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    right = {"question": "parent_homicide", "after": "parental", "opener": "yes", "age": ""}
    answer, _saved = store(client, url, {**form_values(client.get(url)), **typed(right, {**ROW, **wrong})})
    assert answer.status_code == 200 and "preview" not in answer.context
    (error,) = answer.context["adminform"].form.errors["branches"]
    assert error.startswith("Fila 2:") and said in error
    page = html.fromstring(answer.text)
    assert page.xpath('//select[@name="branches-0-question"]/option[@selected]/@value') == ["parent_homicide"]
    assert page.xpath('//input[@name="branches-1-age"]/@value') == [wrong.get("age", "")], "nothing typed is lost"
    own.refresh_from_db()
    assert own.branches == []


def test_question_stands_once(client: Any, california_staff: Any, own: Any) -> None:
    client.force_login(california_staff)
    url = address(CriteriaVersion, "change", own.pk)
    answer, _saved = store(client, url, {**form_values(client.get(url)), **typed(ROW, {**ROW, "opener": "yes"})})
    (error,) = answer.context["adminform"].form.errors["branches"]
    assert error == "Row 2: This question stands in an earlier row."


def test_rows_that_nobody_touched_are_no_change_and_go_along_into_the_next_version(client: Any, make_user: Any) -> None:
    staff = make_user("tess.staff@texas.example", "us-tx-dps", "staff", "en", is_staff=True)
    assert Membership.objects.filter(user=staff, agency=Agency.objects.get(code="us-tx-dps")).exists()
    texas = CriteriaVersion.objects.get(program__code="us-tx")
    client.force_login(staff)
    url, values = page_for_next(client, texas)
    assert values["branches-0-question"] == texas.branches[0]["question"]
    shown, saved = store(client, url, values)
    assert [item for item in shown.context["preview"].differences if "question" in item.label.lower()] == []
    assert saved.status_code == 302
    latest = CriteriaVersion.objects.filter(program__code="us-tx").order_by("-version").first()
    assert latest is not None and latest.pk != texas.pk and latest.branches == texas.branches
