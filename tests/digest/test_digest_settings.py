import pytest
from pydantic import BaseModel, ValidationError

from digest.settings import DigestSettings, ImpressumSettings


def test_defaults_are_complete_and_frozen() -> None:
    settings = DigestSettings()
    assert (settings.weekday, settings.time, settings.compose) == ("mon", "06:00", "thu 12:00")
    with pytest.raises(ValidationError, match="frozen"):
        settings.time = "07:00"  # type: ignore[misc]


@pytest.mark.parametrize("model", [DigestSettings, ImpressumSettings])
def test_every_setting_explains_itself(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("time", "02:30"),
        ("time", "02:00"),
        ("time", "25:00"),
        ("time", "6:00"),
        ("compose", "thu 02:59"),
        ("compose", "12:00"),
        ("compose", "xyz 12:00"),
        ("weekday", "monday"),
        ("min_items", 0),
        ("min_items", 13),
        ("writer", "poet"),
        ("title", "Lagebrief\r\nBcc: x@example.org"),
        ("colour", "red"),
    ],
)
def test_refuses(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key if key != "min_items" else "min_items|greater"):
        DigestSettings.model_validate({key: value})
