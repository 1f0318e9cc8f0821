import pytest
from pydantic import ValidationError

from mailing.settings import MailSettings


def test_defaults_explain_themselves() -> None:
    for name, field in MailSettings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


def test_the_sender_is_called_from() -> None:
    settings = MailSettings.model_validate({"from": "Lagebrief <brief@example.org>"})
    assert settings.from_ == "Lagebrief <brief@example.org>"
    assert MailSettings(from_="brief@example.org").from_ == "brief@example.org"


def test_the_password_never_shows() -> None:
    settings = MailSettings.model_validate({"password": "tops3cret"})
    assert "tops3cret" not in repr(settings) + settings.model_dump_json()
    assert settings.password.get_secret_value() == "tops3cret"


@pytest.mark.parametrize(
    "sender",
    [
        "brief@example.org",
        "Dr. Käthe Müller <k.mueller+neu@mail.example.org>",
        '"Brief, der" <b@example.org>',
        "",
    ],
)
def test_takes_usual_senders(sender: str) -> None:
    assert MailSettings(from_=sender).from_ == sender


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("from", "Brief <brief@example.org>\r\nBcc: all@example.org"),
        ("from", "brief"),
        ("from", "a@example.org, b@example.org"),
        ("from", "brief@"),
        ("from", "bürgerbrief@example.org"),
        ("reply_to", "x@example.org\nX-Evil: 1"),
        ("list_id", "Brief\r\n <b.example.org>"),
        ("host", "mail.example.org\n"),
        ("port", 0),
        ("security", "hope"),
        ("rate", 0),
        ("colour", "red"),
    ],
)
def test_refuses(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        MailSettings.model_validate({key: value})
