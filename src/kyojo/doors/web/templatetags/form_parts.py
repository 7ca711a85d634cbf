"""The parts of forms: summary of errors, fields, choices. Registered by ``parts``."""

from collections.abc import Iterable
from typing import Any

from django.forms import BoundField, Form, RadioSelect
from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ..forms import DateBoxesField, box_with_error, summary_sentence


def described_by(field: BoundField, extra: str = "") -> str:
    """The ids of a field's help and error, for ``aria-describedby``."""
    ids = [f"{field.auto_id}-help"] if field.help_text else []
    if field.errors:
        ids.append(f"{field.auto_id}-error")
    return " ".join([*ids, *([extra] if extra else [])])


def first_control_id(field: BoundField) -> str:
    """Where the summary's link leads: the box that is wrong, or the first choice."""
    if isinstance(field.field, DateBoxesField):
        return f"{field.auto_id}_{box_with_error(field) or 'year'}"
    if isinstance(field.field.widget, RadioSelect):  # CheckboxSelectMultiple is one, too
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def errors(form: Form) -> SafeString:
    """The summary on top of a form that was refused; nothing otherwise. It takes the focus."""
    if not form.is_bound or not form.errors:
        return SafeString("")
    items = []
    for field in form:
        if field.errors and not field.is_hidden:
            short = summary_sentence(str(field.label), str(field.errors[0]))
            items.append({"target": first_control_id(field), "sentence": f"{field.label}：{short}"})
    whole = list(form.non_field_errors())
    hidden = [error for field in form.hidden_fields() for error in field.errors]
    return render_to_string(
        "parts/errors.html",
        {"items": items, "sentences": whole + hidden, "count": len(items)},
    )


def field(bound: BoundField, kind: str = "", label: str = "") -> SafeString:
    """Label, help, error and box of one field, in that order.

    ``kind``: "short" or "code" for a narrow box. Choices belong to ``choices`` and ``chips``.
    """
    widget_type = bound.field.widget.__class__.__name__
    css = {"Select": "select", "Textarea": "textarea"}.get(widget_type, "input")
    classes = f"{css} input--{kind}" if kind else css
    attrs: dict[str, str | bool] = {"class": classes}
    if described := described_by(bound):
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    context: dict[str, Any] = {
        "field": bound,
        "label": label or bound.label,
        "optional": not bound.field.required,
        "error": bound.errors[0] if bound.errors else "",
        "error_id": f"{bound.auto_id}-error",
        "help_id": f"{bound.auto_id}-help",
    }
    if isinstance(bound.field, DateBoxesField):
        context.update(bound.field.boxes(bound, described))
        return render_to_string("parts/field_date.html", context)
    context["box"] = bound.as_widget(attrs=attrs)
    return render_to_string("parts/field.html", context)


def _choices(bound: BoundField, template: str, **extra: Any) -> SafeString:
    options = [
        {
            "data": option.data,
            "label": option.choice_label,
            "note": getattr(option.choice_label, "note", ""),
        }
        for option in bound
    ]
    return render_to_string(
        template,
        {
            "field": bound,
            "options": options,
            "optional": not bound.field.required,
            "error": bound.errors[0] if bound.errors else "",
            "error_id": f"{bound.auto_id}-error",
            "help_id": f"{bound.auto_id}-help",
            "described": described_by(bound),
            **extra,
        },
    )


def choices(bound: BoundField, layout: str = "", reveal: str = "", legend: str = "") -> SafeString:
    """Radio buttons or checkboxes as large targets. ``layout``: "2" (two columns) or "row"."""
    return _choices(
        bound, "parts/choices.html", layout=layout, reveal=reveal, legend=legend or bound.label
    )


def choices_with(
    content: str, bound: BoundField, reveal: str, layout: str = "", legend: str = ""
) -> SafeString:
    """``{% choices_with form.day reveal="other" %}…{% endchoices_with %}``: what is inside shows
    when the choice ``reveal`` is taken (by CSS alone; always there for browsers without it)."""
    return _choices(
        bound,
        "parts/choices.html",
        layout=layout,
        reveal=reveal,
        revealed=content,
        legend=legend or bound.label,
    )


def chips(bound: BoundField, legend: str = "") -> SafeString:
    """Checkboxes or radio buttons as pills, for short words."""
    return _choices(bound, "parts/chips.html", legend=legend or bound.label)


def tick(bound: BoundField, note: str = "") -> SafeString:
    """One checkbox as a large target, with a line below its label."""
    return render_to_string(
        "parts/tick.html",
        {
            "field": bound,
            "note": note or bound.help_text,
            "checked": bool(bound.value()),
            "error": bound.errors[0] if bound.errors else "",
            "error_id": f"{bound.auto_id}-error",
        },
    )


def hidden_fields(form: Form) -> SafeString:
    """The hidden fields (``order_id`` and the like)."""
    hidden: Iterable[BoundField] = form.hidden_fields()
    return format_html_join("", "{}", ((bound.as_widget(),) for bound in hidden))


def add_to(register: Library) -> None:
    for tag in (errors, field, choices, chips, tick, hidden_fields):
        register.simple_tag(tag)
    register.simple_block_tag(choices_with)
