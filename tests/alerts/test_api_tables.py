"""Every API route with an id stands in a table of 404s."""

from __future__ import annotations

from config.api_urls import router


def test_every_route_with_an_id_stands_in_a_table_of_404s() -> None:
    from tests.agencies.test_api_roster import ROUTES as ROSTER_ROUTES
    from tests.alerts.test_api import ROUTES
    from tests.alerts.test_api_approval import ROUTES as APPROVAL_ROUTES
    from tests.alerts.test_api_exchange import ROUTES as EXCHANGE_ROUTES
    from tests.alerts.test_api_updates import ROUTES as UPDATE_ROUTES
    from tests.alerts.test_ended_sights import ROUTES as KEPT_ROUTES
    from tests.alerts.test_shift_pages import ROUTES as SHIFT_ROUTES
    from tests.cases.test_api_routes import ROUTES as CASE_ROUTES

    told = {
        name
        for _method, name, _kind in (
            *ROUTES,
            *CASE_ROUTES,
            *APPROVAL_ROUTES,
            *UPDATE_ROUTES,
            *KEPT_ROUTES,
            *SHIFT_ROUTES,
            *ROSTER_ROUTES,
        )
    } | {name for _method, name in EXCHANGE_ROUTES}
    assert {item.name for item in router.urls if "pk" in item.pattern.regex.groupindex} == told
