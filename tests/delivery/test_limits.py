"""What a message counts against; the counting itself is the store's, and tested there."""

from delivery.limits import CONVERSATION, TENANT, Limits


def test_keeps_a_margin_to_what_teams_says() -> None:
    said = [(7, 1), (8, 2), (60, 30), (1800, 3600), (50, 1)]
    kept = [(limit.most, limit.per) for limit in (*CONVERSATION, *TENANT)]
    assert all(
        most == least and per > span for (most, per), (least, span) in zip(kept, said, strict=True)
    )


def test_a_message_counts_in_its_conversation_and_in_its_tenant() -> None:
    chat, tenant = Limits().quotas("t", "a:1")
    assert (chat.tenant, chat.conversation, chat.limits) == ("t", "a:1", CONVERSATION)
    assert (tenant.tenant, tenant.conversation, tenant.limits) == ("t", "", TENANT)


def test_threads_share_their_channel() -> None:
    chat, _ = Limits().quotas("t", "19:c;messageid=1")
    assert chat.conversation == "19:c"
