"""Routes a request to the agent and the project that it names."""

import re

from componentize_py_types import Err
from wit_world.exports.router import Candidate, Intent_Launch, Launch, Proposal, Request
from wit_world.imports.types import PortError_InvalidRequest


class Router:
    def route(self, request: Request) -> Proposal:
        """Launches the named agent, or else the default one; asks if several are named."""
        words = set(re.findall(r"[\w.-]+", request.utterance.lower()))
        named = [agent for agent in request.agents if agent.name.lower() in words]
        agents = named or [agent for agent in request.agents if agent.default]
        if not agents:
            raise Err(PortError_InvalidRequest("no agent is the default; name one"))

        projects = [project.name for project in request.projects if project.name.lower() in words]
        project = projects[0] if len(projects) == 1 else None
        confidence = 90 if named else 60
        first, *others = [Intent_Launch(Launch(agent.name, project, request.utterance)) for agent in agents]
        return Proposal(
            intent=first,
            confidence=confidence,
            candidates=[Candidate(intent, confidence) for intent in others[:5]],
            reason="the request names it" if named else "it is the default agent",
        )
