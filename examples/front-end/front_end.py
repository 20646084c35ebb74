#!/usr/bin/env python3
"""An example front end: carries out one request through `codewalk headless`, which does everything except
talk to the user.

    front_end.py [--codewalk PROGRAM] [--agent NAME] [--yes] REQUEST

It sends the request, shows each question and answers it (by asking at the terminal, or with yes if --yes
is given), follows the session until it ends and prints its summary.
docs/headless.md describes the lines in both directions.
"""

import argparse
import itertools
import json
import subprocess
import sys

SCHEMA = 3
ENDED = {"completed", "failed", "cancelled", "lost"}


class Codewalk:
    """A running `codewalk headless`."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "headless"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        self.ids = itertools.count(1)
        first = json.loads(self.process.stdout.readline() or "{}")
        if first.get("schema") != SCHEMA:
            sys.exit(f"codewalk speaks {first}, not schema {SCHEMA}")

    def ask(self, kind, body):
        """Writes a line and returns its id; the reply arrives among the lines that codewalk prints."""
        number = next(self.ids)
        self.process.stdin.write(json.dumps({"id": number, kind: body}) + "\n")
        self.process.stdin.flush()
        return number

    def lines(self):
        """Yields codewalk's lines until it exits."""
        for line in self.process.stdout:
            yield json.loads(line)

    def leave(self):
        """Closes the input: codewalk exits when all its sessions have ended."""
        self.process.stdin.close()


class FrontEnd:
    """One request, from its text to the summary of the session."""

    def __init__(self, codewalk, consents):
        self.codewalk = codewalk
        self.consents = consents
        self.session = None
        self.succeeded = False

    def carry_out(self, request, agent):
        command = {"type": "say", "text": request, "constraints": {"agent": agent}, "attended": True}
        self.codewalk.ask("command", command)
        for line in self.codewalk.lines():
            if "event" in line:
                self.happened(line["event"], line.get("digest"))
            elif "page" in line:
                self.ended(line["page"]["session"])
            elif "refused" in line:
                print(f"not done: {line['refused']}")
                self.codewalk.leave()
        return self.succeeded

    def happened(self, event, digest):
        subject, what = event["subject"], event["event"]
        name = f"{subject} {what['type']}"
        print(f"{event['seq']:>5}  {name}")
        if name == "consent asked":
            self.confirm(what, digest)
        elif name == "utterance closed":
            self.closed(what["result"])
        elif name == "session asked":
            self.decide(event["session"], what)
        elif name in ("summary made", "summary failed"):
            # A summary may be produced during the run or after it: the session's state tells which.
            self.codewalk.ask("query", {"type": "session", "session": event["session"]})

    def confirm(self, asked, digest):
        """Answers a confirmation by its id and the digest of the plans that were shown."""
        plans = asked["plans"]
        for number, plan in enumerate(plans, 1):
            print(f"       {number}. {self.described(plan)}")
        if not self.consents("Start it?"):
            answer = {"type": "no"}
        elif len(plans) == 1:
            answer = {"type": "yes"}
        else:
            answer = {"type": "choose", "number": 1}
        shown = {"confirmation": asked["confirmation"], "digest": digest}
        self.codewalk.ask("command", {"type": "answer", **shown, "answer": answer})

    @staticmethod
    def described(plan):
        if plan["type"] == "launch":
            how = f"{plan['agent']} ({plan['permission']}) in {plan['project']['path']}"
            return f"start {how}: {plan['prompt']}"
        return json.dumps(plan)

    def closed(self, result):
        """Handles the result of the request: a session, or the reason why there is none."""
        if result["type"] == "done":
            self.session = result["session"]
            return
        print(result.get("text") or result.get("reason") or result.get("hint") or result)
        self.succeeded = result["type"] == "answered"
        self.codewalk.leave()

    def decide(self, session, asked):
        """Answers an agent's approval request or question."""
        kind = asked["kind"]
        if kind["type"] == "approval":
            print(f"       {kind['tool']} {kind['subject']}\n{kind['detail']}")
            for mark in kind["marks"]:
                print(f"       ! {mark}")
        else:
            print(f"       {json.dumps(kind)}")
        if kind["type"] == "questions":
            answers = [(question["options"] or ["as you like"])[0] for question in kind["questions"]]
            decision = {"type": "answers", "answers": answers}
        elif self.consents("Allow it?"):
            decision = {"type": "allow"}
        else:
            decision = {"type": "deny", "message": "The user said no."}
        # The digest identifies the request that was shown: the agent may since have reused its name for
        # another.
        shown = {"session": session, "request": asked["request"], "digest": asked["digest"]}
        command = {"type": "decide", **shown, "decision": decision}
        self.codewalk.ask("command", command)

    def ended(self, session):
        if session["state"] in ENDED and session["summary_call"] is None:
            print(f"\n{session['agent']} {session['state']}. {(session['summary'] or {}).get('text', '')}")
            self.succeeded = session["state"] == "completed"
            self.codewalk.leave()


def main():
    parser = argparse.ArgumentParser(description="Carries out one request through codewalk headless.")
    parser.add_argument("request")
    parser.add_argument("--codewalk", default="codewalk", metavar="PROGRAM")
    parser.add_argument("--agent", help="use this agent, whatever the request names")
    parser.add_argument("--yes", action="store_true", help="consent to everything")
    args = parser.parse_args()

    def consents(question):
        return args.yes or input(f"{question} [yes / no] ").strip().lower() in ("y", "yes")

    codewalk = Codewalk(args.codewalk)
    succeeded = FrontEnd(codewalk, consents).carry_out(args.request, args.agent)
    status = codewalk.process.wait()
    sys.exit(status if status != 0 or succeeded else 1)


if __name__ == "__main__":
    main()
