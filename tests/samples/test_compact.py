import re

NAME = "responses-compact-aoai-v1.py"


def test_compact_goes_on_with_what_is_left_of_the_conversation(finish, service):
    output = finish(NAME)

    by_itself, by_the_service = service.created()
    [compact] = [s.json for s in service.sent if s.path.endswith("/responses/compact")]
    asked, answered = compact["input"]
    assert len(answered["content"]) > 4000
    first, compaction, question = by_itself["input"]
    assert first["content"] == [{"type": "input_text", "text": asked["content"]}]
    assert compaction["type"] == "compaction"
    assert question == {"role": "user", "content": "What is my name?"}
    assert "previous_response_id" not in by_itself
    items = (first, compaction)
    assert not [key for item in items for key, value in item.items() if value is None]
    assert by_the_service["input"] == [asked, answered, question]
    assert by_the_service["context_management"] == [
        {"type": "compaction", "compact_threshold": 1000}
    ]
    name, tokens, kinds = output.splitlines()
    after, before = (int(word) for word in re.findall(r"\d+", tokens))
    assert before > 1000 > after
    assert "Ada" in name
    assert "message, compaction: " in kinds and "Ada" in kinds


def test_compact_is_sent_back_without_a_warning(finish, recwarn):
    finish(NAME)

    assert not recwarn.list
