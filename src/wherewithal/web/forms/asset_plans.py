"""Forms of what may come: scenarios, the things in them, budgets."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.assets import queries as assets
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_keeping import asset_field
from wherewithal.web.forms.asset_terms import ANY
from wherewithal.web.forms.assets import cost_centre_choices

LINE_NAMES = {
    "asset_id": "asset",
    "asset_ids": "asset",
    "effective_on": "on",
    "cost_centre_id": "cost_centre",
    "class_id": "class_id",
    "qty": "quantity",
}


class ScenarioForm(fields.Form):
    name = fields.TextField(label=_("Name"), help_text=_("Such as: trucks two more years."))
    note = fields.TextField(label=_("Note"), required=False, longest=500)


class BudgetForm(fields.Form):
    """Freezing a forecast as a budget. The same name again is its next version."""

    name = fields.TextField(label=_("Name"), help_text=_("The same name again is the next version."))
    from_on = fields.DayField(label=_("From the first day of a period"))
    to_on = fields.DayField(label=_("To the last day of a period"))
    scenario = fields.ChoiceField(label=_("With the scenario"), required=False)
    note = fields.TextField(label=_("Note"), required=False, longest=500)

    def __init__(self, *args: Any, scenarios: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("if nothing else happens")), *scenarios]
        self.fields["scenario"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class PlanForm(fields.Form):
    """One thing of a scenario."""

    def put(self, name: str, field: forms.Field) -> None:
        fields.dress(field)
        self.fields[name] = field


class PurchaseForm(PlanForm):
    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [
            (row.code, f"{row.name} ({row.code})") for row in assets.classes(desk.company_id, active=True)
        ]
        self.put("name", fields.TextField(label=_("What")))
        self.put("class_code", fields.ChoiceField(label=_("Class"), choices=[ANY, *classes]))
        self.put("cost", fields.NumberField(label=_("Cost of all together"), least="above"))
        self.put(
            "quantity",
            forms.IntegerField(label=_("How many alike"), min_value=1, max_value=10_000, initial=1),
        )
        self.put("acquired_on", fields.DayField(label=_("Bought on")))
        self.put(
            "in_service_on",
            fields.DayField(label=_("In service on"), required=False, help_text=_("Empty: the same day.")),
        )
        self.put("sold_on", fields.DayField(label=_("Sold again on"), required=False))
        self.put("proceeds", fields.NumberField(label=_("for"), required=False, least="zero"))
        self.put(
            "cost_centre",
            fields.ChoiceField(
                label=_("Cost centre"), required=False, choices=[ANY, *cost_centre_choices(desk)]
            ),
        )


class SaleForm(PlanForm):
    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.put("asset", asset_field(desk, label=_("Asset")))
        self.put("on", fields.DayField(label=_("Sold on")))
        self.put("proceeds", fields.NumberField(label=_("Proceeds"), least="zero"))
        self.put("costs", fields.NumberField(label=_("Costs of the sale"), required=False, least="zero"))


class LongerForm(PlanForm):
    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [
            (str(row.class_id), f"{row.name} ({row.code})")
            for row in assets.classes(desk.company_id, active=True)
        ]
        self.put(
            "class_id",
            fields.ChoiceField(label=_("All of the class"), required=False, choices=[ANY, *classes]),
        )
        self.put("asset", asset_field(desk, label=_("or one asset"), required=False))
        self.put("on", fields.DayField(label=_("Decided on")))
        self.put(
            "months",
            forms.IntegerField(label=_("Months longer"), min_value=1, max_value=600, initial=24),
        )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and bool(data.get("class_id")) == bool(data.get("asset")):
            self.add_error("class_id", _("Choose a class, or one asset."))
        return data


PLAN_FORMS: Mapping[str, Callable[..., PlanForm]] = {
    "purchase": PurchaseForm,
    "sale": SaleForm,
    "longer": LongerForm,
}
