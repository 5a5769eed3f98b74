"""Questions of the program that was asked, and answers of the side that asks: several rounds, coded first (U11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Capability
from agencies.models import User
from agencies.refusals import ActRefused, NotPermitted
from alerts import permissions, workflow
from alerts.choices import NoticeKind
from alerts.models import ExtensionRequest, InformationRound
from alerts.services import notices
from alerts.services.writing import written_language


@transaction.atomic
def ask(*, request: ExtensionRequest, by: User, questions: Iterable[str] = (), text: str = "") -> InformationRound:
    """Ask the requesting agency; the decision clock stands still until it answers.

    While a question is open, what else comes to mind joins it: the other side answers once. Refuses everybody but the
    receiving program, a round that asks nothing, and words in another language than those of the open question.
    """
    codes = list(dict.fromkeys(questions))
    if not permissions.can_answer(by, request):
        raise NotPermitted
    if not codes and not text.strip():
        raise ActRefused(_("Choose a question or write one."))
    workflow.apply(request, "ask_information", by=by, detail={"questions": codes})
    open_round = InformationRound.objects.select_for_update().filter(request=request, answered_at__isnull=True).first()
    made = (
        _join(open_round, codes, text)
        if open_round
        else InformationRound.objects.create(
            request=request,
            number=request.rounds.count() + 1,
            questions=codes,
            text=text,
            text_language=written_language(text),
            asked_by=by,
        )
    )
    notices.notify(
        NoticeKind.QUESTION_ASKED,
        case=request.case,
        agency=request.requesting_agency,
        capability=Capability.SEND_REQUESTS,
        request=request,
    )
    return made


def _join(open_round: InformationRound, codes: list[str], text: str) -> InformationRound:
    """Add further questions to the open round."""
    language = written_language(text)
    if text.strip() and open_round.text and open_round.text_language != language:
        raise ActRefused(
            _("The open question is written in another language: %(language)s. Write this one in the same.")
            % {"language": open_round.get_text_language_display()}
        )
    open_round.questions = list(dict.fromkeys([*open_round.questions, *codes]))
    if text.strip():
        open_round.text = f"{open_round.text}\n{text}".strip()
        open_round.text_language = language
    open_round.save(update_fields=["questions", "text", "text_language"])
    return open_round


@transaction.atomic
def answer(
    *, request: ExtensionRequest, by: User, answers: Mapping[str, str] | None = None, text: str = ""
) -> InformationRound:
    """Answer the open round; the program's clock runs again.

    `answers` maps codes of questions to codes of answers. Refuses everybody but the asking side, an answer to a
    question that was not asked, and a coded question left without any answer.
    """
    given = {question: code for question, code in (answers or {}).items() if code}
    if not permissions.can_ask(by, request):
        raise NotPermitted
    workflow.apply(request, "answer_information", by=by)
    open_round = InformationRound.objects.select_for_update().get(request=request, answered_at__isnull=True)
    if set(given) - set(open_round.questions):
        raise ActRefused(_("This question was not asked."))
    if not text.strip() and set(given) != set(open_round.questions):
        raise ActRefused(_("Answer every question, or write an answer."))
    if not given and not text.strip():
        raise ActRefused(_("Answer every question, or write an answer."))
    open_round.answers = given
    open_round.answer_text, open_round.answer_language = text, written_language(text)
    open_round.answered_at, open_round.answered_by = timezone.now(), by
    open_round.save(update_fields=["answers", "answer_text", "answer_language", "answered_at", "answered_by"])
    notices.tell_the_program(NoticeKind.QUESTION_ANSWERED, request=request)
    return open_round
