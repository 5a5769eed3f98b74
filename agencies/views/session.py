"""Sign-in, sign-out and the choice of language."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views import View

from agencies import audit, half_signed_in, services
from agencies.models import User


class SignIn(LoginView):
    """The portal's only door."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Go on to the second step, or record the sign-in of somebody who has none."""
        user = form.get_user()
        if user.second_factor_id is not None:
            half_signed_in.begin(self.request, user=user, target=self.get_success_url())
            return HttpResponseRedirect(reverse("agencies:login-code"))
        response = super().form_valid(form)
        half_signed_in.mark(self.request, user)
        audit.record("session.started", by=user, detail={"factor": "none"})
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Let the outermost middleware record the failure: this transaction may roll back."""
        name = str(form.data.get("username", "")).lower().replace("\0", "")
        self.request.refused_action = "session.refused"  # type: ignore[attr-defined]
        self.request.refused_accounts = list(User.objects.filter(email=name).values_list("pk", flat=True))  # type: ignore[attr-defined]
        return super().form_invalid(form)


class SignOut(LogoutView):
    """Ends the session and tells the browser to forget what it showed (ASVS 14.3.1)."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Record the end and clear the browser's copies."""
        if request.user.is_authenticated:
            audit.record("session.ended", by=request.user)
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SetLanguage(View):
    """Remembers the reader's language in a cookie and, signed in, on the person."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the language and go back to where the reader was; never to another host."""
        language = request.POST.get("language", "")
        target = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            target = "/"
        response = HttpResponseRedirect(target)
        if language in dict(settings.LANGUAGES) and check_for_language(language):
            if request.user.is_authenticated:
                services.choose_language(user=request.user, language=language)
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite="Lax",
            )
        return response


def health(request: HttpRequest) -> JsonResponse:
    """Say only that the process answers."""
    return JsonResponse({"status": "ok"})
