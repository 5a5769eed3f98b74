"""Alerts: reading, wording, submitting, approving, activating, canceling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agencies import access
from agencies.api.serializers import NoBody
from agencies.api.views import Listed, ResourceViewSet
from agencies.choices import Capability
from alerts import permissions, workflow
from alerts.gathering import content_hash
from alerts.models import Alert, AlertUpdate, Delivery
from alerts.services import (
    approval_calls,
    approvals,
    area_changes,
    audiences,
    drafts,
    fallbacks,
    issuing,
    open_cases,
    renewals,
    sending_again,
    single_officer,
    takedown,
    text_reviews,
)
from alerts.services.confirmations import record_confirmation
from alerts.territory import territory_of
from cases.models import Photo

from .approvals import ActivateAlone, RefuseApproval, UseFallback
from .audience import AudienceSerializer, ChooseAudience
from .requests import named_case
from .serializers import (
    AlertDetailSerializer,
    AlertQuery,
    AlertSaved,
    AlertSerializer,
    Approval,
    CancelAlert,
    EditAlert,
    PutUpOpenCase,
    RecordConfirmation,
    StartAlert,
)
from .text_reviews import AskReview, TextReviewSerializer
from .updates import UpdateSaved
from .withdrawals import ChangeArea, RenewAlert, RestorePart, WithdrawPart, named_row
from .wording import present_values, refuse_differences, whole_words


class AlertViewSet(Listed, ResourceViewSet):
    """Alerts of the person's programs, and published alerts of the cases they may see."""

    model = Alert
    serializer_class = AlertSerializer
    query_class = AlertQuery
    machines = (workflow.ALERT, workflow.REQUEST)

    def shaped(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bring along the program and, for one alert, its words and area."""
        rows = rows.select_related(
            "program__agency", "case", "request__program__agency", "request__case", "criteria", "public"
        ).defer("public__cap_xml")  # fmt: skip
        return rows.prefetch_related("texts", "areas") if self.action == "retrieve" else rows

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by case and status."""
        query = self.query
        if "case" in query:
            rows = rows.filter(case=query["case"])
        return rows.filter(status__in=query["status"]) if query.get("status") else rows

    @extend_schema(parameters=[AlertQuery])
    def list(self, request: Request) -> Response:
        """Return one page of alerts, the newest first."""
        return super().list(request)

    @extend_schema(responses=AlertDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one alert with its words."""
        alert = self.get_object()
        self.read([alert], alert.case_id)
        return Response(AlertDetailSerializer(alert, context=self.get_serializer_context()).data)

    @extend_schema(request=StartAlert, responses={201: AlertSaved})
    def create(self, request: Request) -> Response:
        """Prepare a program's own alert from the facts of a case."""
        self.require(access.agency_ids(self.user, Capability.COMPOSE_ALERTS))
        case = named_case(self)

        def perform() -> Any:
            program = self.checked(StartAlert)["program"]
            return AlertSaved(drafts.start_alert(program=program, case=case, by=self.user)).data

        return self.act(perform, status=201)

    @extend_schema(request=EditAlert, responses=AlertSaved)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change words, term, picture or area; a change voids an approval."""
        return self._take(permissions.can_compose, self._edit)

    @extend_schema(request=NoBody, responses=AlertSaved)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Ask the program's approvers."""
        return self._take(permissions.can_compose, lambda alert: self._plain(drafts.submit, alert))

    @extend_schema(request=Approval, responses=AlertSaved)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve exactly the content that the hash names, in the languages that the person reads."""
        return self._take(permissions.can_approve, self._approve)

    @extend_schema(request=NoBody, responses=AlertSaved)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Put an approved alert in force."""
        return self._take(permissions.can_compose, lambda alert: self._plain(issuing.activate, alert))

    @extend_schema(responses=AudienceSerializer)
    @action(detail=True, methods=["get"])
    def audience(self, request: Request, pk: str) -> Response:
        """Return who would get the alert now: counts, the first five hundred, and who cannot be reached."""
        alert = self.get_object()
        self.require(permissions.can_see_deliveries(self.user, alert))
        self.read([alert], alert.case_id)
        return Response(AudienceSerializer(alert, context=self.get_serializer_context()).data)

    @extend_schema(request=ChooseAudience, responses=AlertSaved)
    @audience.mapping.post
    def choose_audience(self, request: Request, pk: str) -> Response:
        """Make the alert for these kinds and roles of recipients; a change voids an approval."""
        return self._take(
            lambda user, alert: permissions.can_compose(user, alert) and permissions.can_see_deliveries(user, alert),
            lambda alert: audiences.choose_audience(alert=alert, by=self.user, **self.checked(ChooseAudience)),
        )

    @extend_schema(request=RefuseApproval, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="refuse-approval")
    def refuse_approval(self, request: Request, pk: str) -> Response:
        """Answer that the alert is not approved as it stands."""
        return self._take(permissions.can_approve, self._refuse)

    @extend_schema(request=NoBody, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="ask-approval")
    def ask_approval(self, request: Request, pk: str) -> Response:
        """Ask the approvers once more."""
        return self._take(permissions.can_compose, lambda alert: self._plain(approval_calls.ask_again, alert))

    @extend_schema(request=ActivateAlone, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="activate-alone")
    def activate_alone(self, request: Request, pk: str) -> Response:
        """Put a submitted alert in force without a second officer, when nobody has answered in time."""
        return self._take(permissions.can_activate, self._alone)

    @extend_schema(request=UseFallback, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="use-fallback")
    def use_fallback(self, request: Request, pk: str) -> Response:
        """Take the decision over under the program's fallback rule."""
        return self._take(lambda user, alert: bool(permissions.fallbacks_for(user, alert)), self._fallback)

    @extend_schema(request=NoBody, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="end-fallback")
    def end_fallback(self, request: Request, pk: str) -> Response:
        """Give the decision back to the program."""
        return self._take(permissions.can_end_fallback, lambda alert: self._plain(fallbacks.end_fallback, alert))

    @extend_schema(request=AskReview, responses={201: TextReviewSerializer})
    @action(detail=True, methods=["post"], url_path="ask-review")
    def ask_review(self, request: Request, pk: str) -> Response:
        """Offer the words in one language to everybody who works in it, or to those of the programs that are named."""
        alert = self.get_object()
        self.require(permissions.can_release_words(self.user, alert))

        def perform() -> Any:
            return TextReviewSerializer(
                text_reviews.ask_review(alert=alert, by=self.user, **self.checked(AskReview))
            ).data

        return self.act(perform, status=201)

    @extend_schema(request=CancelAlert, responses=AlertSaved)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """End an active alert; everybody who got it gets its Cancel."""
        return self._take(permissions.can_end, self._cancel)

    @extend_schema(request=RecordConfirmation, responses=AlertSaved)
    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, pk: str) -> Response:
        """Write down that a recipient confirmed the Cancel by telephone, fax or otherwise."""
        return self._take(permissions.can_record_confirmation, self._confirm)

    @extend_schema(request=NoBody, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, pk: str) -> Response:
        """Send every failed delivery of an active alert once more."""
        return self._take(permissions.can_send_again, lambda alert: self._plain(sending_again.send_failed_again, alert))

    @extend_schema(request=PutUpOpenCase, responses=AlertSaved)
    @action(detail=True, methods=["post"], url_path="open-case")
    def open_case(self, request: Request, pk: str) -> Response:
        """Keep an expired alert readable while its child is missing, where the program's rules allow it."""
        return self._take(permissions.can_approve, self._put_up)

    @extend_schema(request=RenewAlert, responses={201: UpdateSaved})
    @action(detail=True, methods=["post"])
    def renewal(self, request: Request, pk: str) -> Response:
        """Ask for a longer term by the program's rules; a second officer issues the Update."""
        alert = self.get_object()
        self.require(permissions.can_compose(self.user, alert))

        def perform() -> Any:
            update = renewals.ask_renewal(alert=alert, by=self.user, **self.checked(RenewAlert))
            return UpdateSaved(AlertUpdate.objects.select_related("alert__program", "photo").get(pk=update.pk)).data

        return self.act(perform, status=201)

    @extend_schema(request=ChangeArea, responses={201: UpdateSaved})
    @action(detail=True, methods=["post"])
    def area(self, request: Request, pk: str) -> Response:
        """Ask for another area of an active alert; a second officer issues the Update."""
        alert = self.get_object()
        self.require(permissions.can_compose(self.user, alert))

        def perform() -> Any:
            codes = self._area(alert, self.checked(ChangeArea)["areas"])
            update = area_changes.ask_area(alert=alert, by=self.user, areas=codes)
            return UpdateSaved(AlertUpdate.objects.select_related("alert__program", "photo").get(pk=update.pk)).data

        return self.act(perform, status=201)

    @extend_schema(request=WithdrawPart, responses=AlertSaved)
    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: str) -> Response:
        """Take a part or the whole out of the public at once: one approver's act."""
        return self._take(permissions.can_withdraw_public, self._withdraw)

    @extend_schema(request=RestorePart, responses={201: UpdateSaved})
    @action(detail=True, methods=["post"])
    def restoration(self, request: Request, pk: str) -> Response:
        """Prepare the Update that puts back what was withdrawn; two officers issue it."""
        alert = self.get_object()
        self.require(permissions.can_compose(self.user, alert))

        def perform() -> Any:
            keys = self.checked(RestorePart)["redactions"]
            chosen = list(alert.redactions.filter(pk__in=keys))
            takedown.prepare_restoration(alert=alert, by=self.user, redactions=chosen)
            return UpdateSaved(alert.updates.open().select_related("alert__program", "photo").get()).data

        return self.act(perform, status=201)

    def _take(self, may: Callable[..., bool], perform: Callable[[Alert], Any]) -> Response:
        alert = self.get_object()
        self.require(may(self.user, alert))

        def answer() -> Any:
            perform(alert)
            return AlertSaved(self.get_queryset().get(pk=alert.pk)).data

        return self.act(answer)

    def _plain(self, service: Callable[..., Any], alert: Alert) -> None:
        self.checked(NoBody)
        service(alert=alert, by=self.user)

    def _approve(self, alert: Alert) -> None:
        values = self.checked(Approval)
        approvals.approve(
            alert=alert, by=self.user, seen_hash=values["content_hash"], languages=values.get("languages"),
            typed_words_read=values["typed_words_read"],
        )  # fmt: skip

    def _refuse(self, alert: Alert) -> None:
        approval_calls.refuse(alert=alert, by=self.user, **self.checked(RefuseApproval))

    def _alone(self, alert: Alert) -> None:
        values = self.checked(ActivateAlone)
        single_officer.activate_alone(
            alert=alert, by=self.user, reason=values["reason"], seen_hash=values["content_hash"],
            typed_words_read=values["typed_words_read"],
        )  # fmt: skip

    def _fallback(self, alert: Alert) -> None:
        values = self.checked(UseFallback)
        rules = permissions.fallbacks_for(self.user, alert)
        chosen = next((rule for rule in rules if rule.pk == values.get("fallback", rules[0].pk)), None)
        if chosen is None:
            raise serializers.ValidationError({"fallback": [_("Your agency cannot use this rule.")]})
        fallbacks.use_fallback(alert=alert, by=self.user, fallback=chosen, reason=values["reason"])

    def _cancel(self, alert: Alert) -> None:
        issuing.cancel(alert=alert, by=self.user, **self.checked(CancelAlert))

    def _confirm(self, alert: Alert) -> None:
        values = self.checked(RecordConfirmation)
        rows = Delivery.objects.visible_to(self.user).select_related("recipient")  # type: ignore[attr-defined]
        row = rows.filter(message__alert=alert, pk=values.pop("delivery")).first()
        if row is None or row.recipient is None:
            raise serializers.ValidationError({"delivery": [_("The alert has no such delivery.")]})
        record_confirmation(alert=alert, by=self.user, recipient=row.recipient, **values)

    def _put_up(self, alert: Alert) -> None:
        open_cases.put_up(alert=alert, by=self.user, **self.checked(PutUpOpenCase))

    def _withdraw(self, alert: Alert) -> None:
        values = self.checked(WithdrawPart)
        takedown.withdraw(
            alert=alert, by=self.user, kind=values["kind"], reason=values["reason"],
            child=named_row(alert.case.children, values, "child"),
            person=named_row(alert.case.people, values, "person"),
        )  # fmt: skip

    def _edit(self, alert: Alert) -> None:
        values = self.checked(EditAlert)
        words, seen = _words_of(alert), content_hash(alert)
        area = sorted(alert.areas.values_list("subdivision_id", flat=True))
        now = present_values(words) | {"duration_hours": alert.duration_hours, "photo": alert.photo_id, "areas": area}
        refuse_differences(values, now, is_newer=values["content_hash"] != seen)
        drafts.edit_alert(
            alert=alert,
            by=self.user,
            texts=whole_words(words, values.get("texts", [])),
            duration_hours=values.get("duration_hours", alert.duration_hours),
            photo=self._photo(alert, values["photo"]) if "photo" in values else alert.photo,
            areas=self._area(alert, values["areas"]) if "areas" in values else None,
            seen_hash=seen,
        )

    def _area(self, alert: Alert, codes: Sequence[str]) -> Sequence[str]:
        """Return the codes if all are the program's own; every other one is refused beside its field."""
        if set(codes) - set(territory_of(alert.program).values_list("pk", flat=True)):
            raise serializers.ValidationError({"areas": [_("The area is outside the program's territory.")]})
        return codes

    def _photo(self, alert: Alert, key: Any) -> Photo | None:
        """Return a picture of the alert's own case; any other is as unknown as one that does not exist."""
        if key is None:
            return None
        photo = Photo.objects.visible_to(self.user).filter(case=alert.case_id, pk=key).first()
        if photo is None:
            raise serializers.ValidationError({"photo": [_("The case has no such picture.")]})
        return photo


def _words_of(alert: Alert) -> dict[str, dict[str, str]]:
    return {text.language: {name: getattr(text, name) for name in drafts.TEXT_FIELDS} for text in alert.texts.all()}
