"""Echo: answers a request with a typed description of it."""

import json

import direct_message
from invocation import Context, Invocation
from refusal import Problem, Refusal, too_large

cold = True  # until the first invocation


def handler(event: object, context: Context) -> dict[str, object]:
    """Answer an HTTP request with its description and a direct message with itself.

    The same event and request id always give the same answer, but for the first invocation of a
    sandbox, which says that it is. No event raises: what cannot be answered is refused with an
    RFC 9457 problem, in the form in which its sender reads answers.

    Args:
        event: Any JSON value, parsed. An event of an HTTP API, a Function URL, a REST API or an
            Application Load Balancer is answered as a request; everything else is read as a direct
            invocation, `{"message": "…"}`.
        context: The invocation's context.

    Returns:
        For HTTP, a response in the event's form. For a direct invocation, the document itself: an
        `Echo`, or a `Problem`, told apart by the problem's `status`.
    """
    global cold
    invocation = Invocation(context=context, cold_start=cold)
    cold = False
    # Every HTTP event has one of these, and a direct message needs none of what answers them.
    if isinstance(event, dict) and ("requestContext" in event or "httpMethod" in event):
        import over_http

        if form := over_http.form_of(event):
            return over_http.answered(form, event, invocation)
    return _directly(event, context.aws_request_id)


def _directly(event: object, request_id: str) -> dict[str, object]:
    document: direct_message.Echo | Problem
    try:
        document = direct_message.read(event, request_id)
    except Refusal as refusal:
        document = refusal.problem
    message = direct_message.reply(document)
    # Up to python3.11 the runtime writes ASCII, later ones UTF-8, which is never longer.
    size = len(json.dumps(message))
    if size <= direct_message.MAX_ANSWER:
        return message
    return direct_message.reply(too_large(size, direct_message.MAX_ANSWER))
