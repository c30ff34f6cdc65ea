"""What the other side answers is kept word for word, and decides whether to try again."""

import socket
import stat

import pytest
from django.core.mail import EmailMessage

from workflows.channels.base import ChannelError, Message
from workflows.channels.mail import MailChannel

LETTER = Message(7, "handler@tocsin.test", "[TLP:RED] P1 INC-000001", "An incident needs you.\n")


def send(message: Message = LETTER) -> str:
    return MailChannel().send(message)


def test_an_accepted_message_gives_back_what_the_server_said(post_office):
    answer = send()

    assert answer == "250 2.0.0 Ok: queued as 4F1A2"
    [message] = post_office.messages
    assert message["To"] == "handler@tocsin.test"
    assert message["Subject"] == LETTER.subject
    assert message["X-Tocsin-Alert"] == "7"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == LETTER.text.splitlines()


def test_a_message_that_is_sent_twice_keeps_its_id(post_office):
    send()
    send()

    assert len({message["Message-ID"] for message in post_office.messages}) == 1


@pytest.mark.parametrize(
    ("stage", "reply", "is_permanent"),
    [
        ("to_data", "451 4.3.0 Try again later", False),
        ("to_data", "550 5.7.1 Looks like spam", True),
        ("to_data", "554 5.6.0 Message too odd", True),
        ("to_recipient", "450 4.2.0 Greylisted", False),
        ("to_recipient", "452 4.2.2 Mailbox full", False),
        ("to_recipient", "550 5.1.1 No such user here", True),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(post_office, stage, reply, is_permanent):
    setattr(post_office, stage, reply)

    with pytest.raises(ChannelError) as refused:
        send()

    assert str(refused.value) == reply
    assert refused.value.permanent is is_permanent
    assert post_office.messages == []


def test_a_server_that_is_not_there_is_tried_again(smtp):
    with pytest.raises(ChannelError, match="refused") as failed:
        send()

    assert failed.value.permanent is False


def test_a_server_that_says_nothing_is_given_up_in_time(smtp):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        smtp.EMAIL_PORT, smtp.EMAIL_TIMEOUT = silent.getsockname()[1], 0.3

        with pytest.raises(ChannelError, match="timed out") as failed:
            send()

    assert failed.value.permanent is False


def test_a_server_without_starttls_gets_nothing_when_tls_is_asked_for(post_office, settings):
    settings.EMAIL_USE_TLS = True

    with pytest.raises(ChannelError, match="STARTTLS") as failed:
        send()

    assert failed.value.permanent is False
    assert post_office.messages == []


def test_a_server_without_tls_gets_nothing_when_ssl_is_asked_for(post_office, settings):
    settings.EMAIL_USE_SSL, settings.EMAIL_TIMEOUT = True, 1

    with pytest.raises(ChannelError) as failed:
        send()

    assert failed.value.permanent is False
    assert post_office.messages == []


def test_a_password_that_the_server_cannot_take_keeps_the_message_for_later(post_office, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "tocsin", "wrong"

    with pytest.raises(ChannelError) as failed:
        send()

    assert failed.value.permanent is False
    assert post_office.messages == []


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b.test\nBcc: all@b.test", "a@b.test, c@d.test", "<a@b.test>", "\x00@b.test"],
)
def test_an_address_that_is_none_is_refused_for_good(post_office, address):
    with pytest.raises(ChannelError) as refused:
        send(Message(7, address, "P1", "text"))

    assert refused.value.permanent is True
    assert post_office.messages == []


def test_a_subject_cannot_add_a_header(post_office):
    with pytest.raises(ChannelError) as refused:
        send(Message(7, "handler@tocsin.test", "P1\nBcc: all@b.test", "text"))

    assert refused.value.permanent is True
    assert post_office.messages == []


def test_without_a_server_each_message_is_a_file_for_its_owner_only(outbox):
    answer = send()

    [file] = outbox.iterdir()
    assert answer == f"Written to {file.name}"
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o700
    assert b"X-Tocsin-Alert: 7" in file.read_bytes()


def test_sign_in_mail_goes_the_same_way_without_the_mark(outbox):
    EmailMessage("Reset your password", "link", to=["handler@tocsin.test"]).send()

    [file] = outbox.iterdir()
    assert b"X-Tocsin-Alert" not in file.read_bytes()


def test_an_outbox_that_cannot_be_written_is_tried_again(outbox):
    outbox.write_text("a file where the directory should be")

    with pytest.raises(ChannelError) as failed:
        send()

    assert failed.value.permanent is False
