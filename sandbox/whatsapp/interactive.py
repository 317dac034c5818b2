"""Interactive messages: reply buttons, lists, links, Flows, and requests for a place, a number or a call."""

from __future__ import annotations

from sandbox.whatsapp.checks import a_list, a_text, an_object, distinct, known_keys
from sandbox.whatsapp.drafts import Draft, source
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.state import Button, Json, Row

MAX_BODY, MAX_LIST_BODY, MAX_HEADER, MAX_FOOTER = 1024, 4096, 60, 60
MAX_BUTTONS, MAX_BUTTON_TITLE, MAX_BUTTON_ID = 3, 20, 256
MAX_SECTIONS, MAX_ROWS, MAX_SECTION_TITLE = 10, 10, 24
MAX_ROW_ID, MAX_ROW_TITLE, MAX_ROW_DESCRIPTION = 200, 24, 72
_TOP = frozenset({"type", "header", "body", "footer", "action"})
_HEADER = frozenset({"type", "text", "image", "video", "document", "sub_text"})
_ACTIONS = {
    "button": frozenset({"buttons"}),
    "list": frozenset({"button", "sections"}),
    "cta_url": frozenset({"name", "parameters"}),
    "flow": frozenset({"name", "parameters"}),
    "location_request_message": frozenset({"name"}),
    "request_contact_info": frozenset({"name"}),
    "call_permission_request": frozenset({"name"}),
}
_FLOW = frozenset(
    {
        "flow_message_version",
        "flow_id",
        "flow_name",
        "flow_token",
        "flow_cta",
        "mode",
        "flow_action",
        "flow_action_payload",
    }
)


def interactive(number: Number, value: object) -> Draft:
    """Check an interactive message."""
    content = an_object("interactive", value)
    known_keys("interactive", content, _TOP)
    kind = a_text("interactive['type']", content.get("type"), 64)
    if kind not in _ACTIONS:
        raise GraphError(100, f"Param interactive['type'] must not be {kind}")
    most = MAX_LIST_BODY if kind == "list" else MAX_BODY
    body = an_object("interactive['body']", content.get("body"))
    draft = Draft(kind="interactive", text=a_text("interactive['body']['text']", body.get("text"), most))
    if "header" in content:
        _header(number, kind, an_object("interactive['header']", content["header"]), draft)
    if "footer" in content:
        footer = an_object("interactive['footer']", content["footer"])
        draft.footer = a_text("interactive['footer']['text']", footer.get("text"), MAX_FOOTER)
    action = an_object("interactive['action']", content.get("action"))
    known_keys("interactive['action']", action, _ACTIONS[kind])
    _action(kind, action, draft)
    return draft


def _header(number: Number, kind: str, header: Json, draft: Draft) -> None:
    known_keys("interactive['header']", header, _HEADER)
    form = header.get("type")
    if form == "text":
        draft.header = a_text("interactive['header']['text']", header.get("text"), MAX_HEADER)
    elif form in ("image", "video", "document") and kind == "button":
        draft.media, draft.link = source(number, form, an_object(f"interactive['header']['{form}']", header.get(form)))
    else:
        raise GraphError(131009, f"interactive['header']['type'] {form} does not go with {kind}")


def _action(kind: str, action: Json, draft: Draft) -> None:
    if kind == "button":
        draft.buttons = _buttons(action)
    elif kind == "list":
        draft.list_button = a_text("interactive['action']['button']", action.get("button"), MAX_BUTTON_TITLE)
        draft.rows = _rows(action)
    elif kind == "cta_url":
        parameters = an_object("interactive['action']['parameters']", action.get("parameters"))
        known_keys("interactive['action']['parameters']", parameters, frozenset({"display_text", "url"}))
        shown = a_text("parameters['display_text']", parameters.get("display_text"), MAX_BUTTON_TITLE)
        url = a_text("parameters['url']", parameters.get("url"), 2000)
        if not url.startswith(("http://", "https://")):
            raise GraphError(131009, "parameters['url'] is not a valid URL")
        draft.buttons = (Button("", shown, "url", url),)
    elif kind == "flow":
        draft.buttons = (_flow(action),)
    else:
        draft.buttons = (Button("", kind.replace("_", " "), kind),)


def _flow(action: Json) -> Button:
    parameters = an_object("interactive['action']['parameters']", action.get("parameters"))
    known_keys("interactive['action']['parameters']", parameters, _FLOW)
    if "flow_id" not in parameters and "flow_name" not in parameters:
        raise GraphError(131008, "The parameter flow_id or flow_name is required.")
    token = a_text("parameters['flow_token']", parameters.get("flow_token"), 512, is_optional=True)
    return Button(token, a_text("parameters['flow_cta']", parameters.get("flow_cta"), 30), "flow")


def _buttons(action: Json) -> tuple[Button, ...]:
    given = a_list("interactive['action']['buttons']", action.get("buttons"))
    if len(given) > MAX_BUTTONS:
        raise GraphError(131009, f"Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: {MAX_BUTTONS}")
    buttons: list[Button] = []
    for i, one in enumerate(given):
        where = f"interactive['action']['buttons'][{i}]"
        if an_object(where, one).get("type") != "reply":
            raise GraphError(131009, f"{where}['type'] must be reply")
        known_keys(where, one, frozenset({"type", "reply"}))
        reply = an_object(f"{where}['reply']", one.get("reply"))
        known_keys(f"{where}['reply']", reply, frozenset({"id", "title"}))
        own_id = a_text(f"{where}['reply']['id']", reply.get("id"), MAX_BUTTON_ID)
        buttons.append(Button(own_id, a_text(f"{where}['reply']['title']", reply.get("title"), MAX_BUTTON_TITLE)))
    distinct("button id", [button.id for button in buttons])
    distinct("button title", [button.title for button in buttons])
    return tuple(buttons)


def _rows(action: Json) -> tuple[Row, ...]:
    sections = a_list("interactive['action']['sections']", action.get("sections"))
    if len(sections) > MAX_SECTIONS:
        raise GraphError(131009, f"Total section count exceed max allowed count: {MAX_SECTIONS}")
    rows: list[Row] = []
    for i, section in enumerate(sections):
        where = f"interactive['action']['sections'][{i}]"
        known_keys(where, an_object(where, section), frozenset({"title", "rows"}))
        is_single = len(sections) == 1
        heading = a_text(f"{where}['title']", section.get("title"), MAX_SECTION_TITLE, is_optional=is_single)
        given = a_list(f"{where}['rows']", section.get("rows"))
        rows.extend(_row(f"{where}['rows'][{j}]", row, heading) for j, row in enumerate(given))
    if len(rows) > MAX_ROWS:
        raise GraphError(131009, f"Total row count exceed max allowed count: {MAX_ROWS}")
    distinct("row id", [row.id for row in rows])
    return tuple(rows)


def _row(where: str, row: object, section: str) -> Row:
    content = an_object(where, row)
    known_keys(where, content, frozenset({"id", "title", "description"}))
    return Row(
        a_text(f"{where}['id']", content.get("id"), MAX_ROW_ID),
        a_text(f"{where}['title']", content.get("title"), MAX_ROW_TITLE),
        a_text(f"{where}['description']", content.get("description"), MAX_ROW_DESCRIPTION, is_optional=True),
        section,
    )
