"""Every form of the webhook body is signed as it travels."""

from __future__ import annotations

import pytest
from support.alerts import alert
from support.receivers import SECRET, receiver_settings

from newsmon.app.listener import VerifyingReceiver
from sinks.channels.webhook import Webhook
from sinks.message.alert_body import payload_bytes
from sinks.message.webhook_formats import in_format

BODY = payload_bytes(alert(1))


@pytest.mark.parametrize("form", ["standard", "cloudevents", "alertmanager"])
async def test_every_form_is_signed_as_it_travels(form: str) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        async with Webhook(receiver_settings("desk", receiver.url, format=form), (SECRET,)) as webhook:
            assert (await webhook.post(webhook_id="msg_1", body=BODY)).accepted
        [received] = receiver.deliveries
    assert received.verified
    assert received.body == in_format(form, BODY, webhook_id="msg_1", receiver="desk")[0]
