"""What the package's client checks of answers and of what the server saw (`client/test.mjs`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any

from msgspec import UNSET

from twofold.core.request import Reply

from .vectors import Step, Wanted

Fields = Mapping[str, str]

NO_BODY = (204, 304)
DATES = ("date", "expires", "last-modified", "if-modified-since", "if-unmodified-since")
LOCATIONS = ("location", "content-location")
NOT_COMPARED = ("date",)
VALIDATORS = {"etag_validated": "if-none-match", "lm_validated": "if-modified-since"}


class FailedError(Exception):
    """A check failed; `setup`: before it came to what the test is about."""

    def __init__(self, setup: bool, message: str) -> None:
        super().__init__(message)
        self.setup = setup
        self.message = message


def holds(condition: bool, setup: bool, message: str) -> None:
    if not condition:
        raise FailedError(setup, message)


def fields(reply: Reply) -> dict[str, str]:
    """Return the fields by name in lower case, those of one name joined."""
    return {name.lower(): reply.headers.get(name) or "" for name, _ in reply.headers}


def number(text: str | None) -> int | None:
    """Read a number as JavaScript's parseInt does."""
    found = re.match(r"\s*([+-]?\d+)", text or "")
    return int(found[1]) if found else None


def fixed(name: str, value: str | int, seen: Fields, step: Step) -> str:
    """Return a field's value with the server's clock and base put in (`lib/header-fixup.mjs`)."""
    if name.lower() in DATES and isinstance(value, int):
        return http_date((number(seen.get("server-now")) or 0) / 1000 + value, name, step)
    if name.lower() in LOCATIONS and step.magic_locations:
        return "/".join(filter(None, (seen.get("server-base-url", ""), str(value))))
    return str(value)


def http_date(seconds: float, name: str, step: Step) -> str:
    whole = formatdate(int(seconds // 1), usegmt=True)
    if name.lower() not in step.rfc850date:
        return whole
    day, rest = whole.split(", ")
    date, month, year, time, _ = rest.split(" ")
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    full = next(one for one in days if one.startswith(day))
    return f"{full}, {date}-{month}-{year[2:]} {time} GMT"


def check_reply(step: Step, ordinal: int, reply: Reply, uuid: str) -> None:
    """Check one answer; `ordinal` counts requests from 1."""
    seen = fields(reply)
    numbers = seen.get("request-numbers", "").split()
    holds(len(numbers) == len(set(numbers)), setup=True, message="retry")
    check_type(step, ordinal, reply.status, number(seen.get("server-request-count")))
    check_status(step, ordinal, reply.status)
    for wanted in step.expected_response_headers:
        check_field(step, ordinal, wanted, seen)
    for unwanted in step.expected_response_headers_missing:
        check_missing(step, ordinal, unwanted, seen)
    check_body(step, reply, uuid)


def check_type(step: Step, ordinal: int, status: int, served: int | None) -> None:
    setup = step.prepares("expected_type")
    if step.expected_type == "cached" and not (status == 304 and served is None):
        from_cache = served is not None and served < ordinal
        holds(from_cache, setup, f"Response {ordinal} does not come from cache")
    if step.expected_type == "not_cached":
        holds(served == ordinal, setup, f"Response {ordinal} comes from cache")


def check_status(step: Step, ordinal: int, status: int) -> None:
    setup, wanted = True, 200
    if step.expected_status is not None:
        setup, wanted = step.prepares("expected_status"), step.expected_status
    elif step.response_status is not None:
        wanted = step.response_status[0]
    elif status == 999:
        message = f"Request {ordinal} should have been conditional, but it was not."
        raise FailedError(step.prepares("expected_type"), message)
    holds(status == wanted, setup, f"Response {ordinal} status is {status}, not {wanted}")


def check_field(step: Step, ordinal: int, wanted: Wanted, seen: Fields) -> None:
    setup = step.prepares("expected_response_headers")
    name = wanted if isinstance(wanted, str) else str(wanted[0])
    value = seen.get(name.lower())
    if isinstance(wanted, str) or len(wanted) > 2:
        holds(value is not None, setup, f"Response {ordinal} {name} header not present.")
    if isinstance(wanted, str):
        return
    if len(wanted) == 2:
        expected = fixed(name, wanted[1], seen, step)
        message = f'Response {ordinal} header {name} is "{value}", not "{expected}"'
        holds(value == expected, setup, message)
    else:
        _, operator, operand = wanted
        message = f"Response {ordinal} header {name} is {value}, should be {operator} {operand}"
        holds(compared(value, str(operator), operand, seen), setup, message)


def compared(value: str | None, operator: str, operand: str | int, seen: Fields) -> bool:
    match operator:
        case "=":
            return value == seen.get(str(operand).lower())
        case ">":
            found = number(value)
            return found is not None and found > int(operand)
        case _:
            raise ValueError(f"there is no operator {operator}")


def check_missing(step: Step, ordinal: int, unwanted: Wanted, seen: Fields) -> None:
    setup = step.prepares("expected_response_headers_missing")
    name = unwanted if isinstance(unwanted, str) else str(unwanted[0])
    value = seen.get(name.lower())
    if isinstance(unwanted, str):
        message = f'Response {ordinal} includes unexpected header {name}: "{value}"'
        holds(value is None, setup, message)
    elif value is not None:
        # The package looks for the value where there never is one; here it is looked for.
        message = f'Response {ordinal} header {name} still has value "{value}"'
        holds(str(unwanted[1]) not in value, setup, message)


def check_body(step: Step, reply: Reply, uuid: str) -> None:
    setup, wanted = True, step.response_body
    if not step.check_body:
        return
    if step.expected_response_text is not UNSET:
        setup, wanted = step.prepares("expected_response_text"), step.expected_response_text
    elif not isinstance(wanted, str):
        empty = reply.status in NO_BODY or step.request_method == "HEAD"
        wanted = None if empty else uuid
    body = reply.body.decode()
    if isinstance(wanted, str):
        holds(body == wanted, setup, f'Response body is "{body}", not "{wanted}"')


def check_server(
    steps: Sequence[Step], replies: Sequence[Reply | None], state: Sequence[dict[str, Any]]
) -> None:
    """Check what the server saw, request by request; those answered by the cache it did not."""
    position = 0
    for ordinal, (step, reply) in enumerate(zip(steps, replies, strict=True), 1):
        if step.expected_type == "cached":
            continue
        request = state[position] if position < len(state) else None
        position += 1
        check_seen(step, ordinal, request)
        if request is not None and reply is not None:
            check_as_sent(ordinal, request, fields(reply))


def check_seen(step: Step, ordinal: int, request: dict[str, Any] | None) -> None:
    setup = step.prepares("expected_type")
    headers: dict[str, str] = {} if request is None else request["request_headers"]
    if step.expected_type == "not_cached":
        arrived = request is not None and request["request_num"] == ordinal
        holds(arrived, setup, f"Response {ordinal} comes from cache")
    if step.expected_type in VALIDATORS:
        validator = VALIDATORS[step.expected_type]
        holds(request is not None, setup, f"request {ordinal} wasn't sent to server")
        holds(validator in headers, setup, f"request {ordinal} doesn't have {validator} header")
    setup = step.prepares("expected_request_headers")
    for wanted in step.expected_request_headers:
        name = wanted if isinstance(wanted, str) else str(wanted[0])
        value = headers.get(name.lower())
        message = f'Request {ordinal} header {name} is "{value}", not as in {wanted}'
        holds(value is not None, setup, message)
        holds(isinstance(wanted, str) or value == wanted[1], setup, message)
    if step.expected_method is not None:
        method = None if request is None else request["request_method"]
        message = f"Request {ordinal} had method {method}, not {step.expected_method}"
        holds(method == step.expected_method, step.prepares("expected_method"), message)


def check_as_sent(ordinal: int, request: dict[str, Any], seen: Fields) -> None:
    """Check that the client got the fields that the server sent."""
    for name, value in request.get("response_headers", ()):
        sent = ", ".join(value) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
        if name.lower() not in NOT_COMPARED:
            received = seen.get(name.lower())
            message = f'Response {ordinal} header {name} is "{received}", not "{sent}"'
            holds(received == sent, setup=True, message=message)
