"""Builds the adapter: componentize-py combines it with an interpreter, and `manifest.toml` is embedded in the component."""

import subprocess
import sys
from pathlib import Path

OUTPUT = Path("{{name}}.wasm")


def section(name: bytes, data: bytes) -> bytes:
    """Returns a custom section of a component."""
    body = leb128(len(name)) + name + data
    return b"\0" + leb128(len(body)) + body


def leb128(number: int) -> bytes:
    """Returns a number in WebAssembly's encoding."""
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + leb128(number >> 7)


componentize = Path(sys.executable).with_name("componentize-py")
world = ["--wit-path", "wit", "--world", "{{world}}-adapter"]
subprocess.run([componentize, *world, "componentize", "app", "--output", OUTPUT], check=True)
manifest = Path("manifest.toml").read_bytes()
OUTPUT.write_bytes(OUTPUT.read_bytes() + section(b"codewalk:manifest", manifest))
print(OUTPUT)
