NAME = "responses-compact-aoai-v1.py"


def test_compact_goes_on_with_what_is_left_of_the_conversation(finish, service):
    output = finish(NAME)

    first, by_itself, by_the_service = service.created()
    [compact] = [s.json for s in service.sent if s.path.endswith("/responses/compact")]
    assert compact["previous_response_id"] == by_the_service["previous_response_id"]
    *items, question = by_itself["input"]
    assert question == {"role": "user", "content": "What is my name?"}
    assert items[-1]["type"] == "compaction"
    assert "previous_response_id" not in by_itself
    assert not [key for item in items for key, value in item.items() if value is None]
    assert by_the_service["context_management"] == [
        {"type": "compaction", "compact_threshold": 1000}
    ]
    _answer, tokens, name, kinds = output.splitlines()
    before, after = (int(word) for word in tokens.split() if word.isdigit())
    assert before > 1000 > after
    assert "Ada" in name
    assert kinds.startswith("compaction, ") and "Ada" in kinds
    assert len(first["input"]) > 4000


def test_compact_is_sent_back_without_a_warning(finish, recwarn):
    finish(NAME)

    assert not recwarn.list
