"""A summarizer for codewalk. Edit `summarize`; `wit/` documents its requests and answers."""

from componentize_py_types import Err
from wit_world.exports.summarizer import (
    Entry_AgentText,
    Entry_Output,
    Request,
    Summary,
    WaitingFor_Approval,
)
from wit_world.imports.types import PortError_InvalidRequest


class Summarizer:
    def summarize(self, request: Request) -> Summary:
        """Says what is waiting for the user, and then the agent's last message."""
        sentences = []
        for waiting in request.waiting_for:
            if isinstance(waiting, WaitingFor_Approval):
                sentences.append(f"It asks to use {waiting.value.tool} on {waiting.value.subject}.")
            else:
                sentences.append(f"It asks: {waiting.value}")
        said = [entry.value for entry in request.entries if isinstance(entry, (Entry_AgentText, Entry_Output))]
        sentences += [f"It says: {text}" for text in said[-1:]]
        if not sentences:
            raise Err(PortError_InvalidRequest("the session has no output yet"))
        return Summary(text=" ".join(sentences), covers=request.total_entries)
