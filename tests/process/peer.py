"""Sends frames of CAF's protocol, including ones that CAF never sends."""

import contextlib
import socket
import struct
import threading
import time
from typing import NamedTuple

from program import DEADLINE_S

HEADER = struct.Struct(">BHBIQQQ")

SERVER_HANDSHAKE, CLIENT_HANDSHAKE, DIRECT_MESSAGE, ROUTED_MESSAGE, \
    MONITOR_MESSAGE, DOWN_MESSAGE, HEARTBEAT = range(7)

# Bits of a message ID.
NORMAL = 1 << 60
RESPONSE = 1 << 63


class Frame(NamedTuple):
    """A frame of BASP: header fields and payload."""
    type: int
    payload: bytes = b""
    flags: int = 0
    data: int = 0
    source: int = 0
    destination: int = 0

    def header(self, length=None):
        if length is None:
            length = len(self.payload)
        return HEADER.pack(self.type, 0, self.flags, length, self.data,
                           self.source, self.destination)

    def bytes(self):
        return self.header() + self.payload


def read_exactly(stream, count):
    data = bytearray()
    while len(data) < count:
        piece = stream.recv(count - len(data))
        if not piece:
            raise ConnectionError("the other side has closed")
        data += piece
    return bytes(data)


def read_frame(stream):
    kind, _, flags, length, data, source, destination = HEADER.unpack(
        read_exactly(stream, HEADER.size))
    return Frame(kind, read_exactly(stream, length), flags, data, source,
                 destination)


def frames_of(data):
    """Splits the bytes of a connection into frames."""
    res = []
    while len(data) >= HEADER.size:
        kind, _, flags, length, number, source, destination = HEADER.unpack(
            data[:HEADER.size])
        end = HEADER.size + length
        if end > len(data):
            break
        res.append(Frame(kind, data[HEADER.size:end], flags, number, source,
                         destination))
        data = data[end:]
    return res


class Recorder:
    """Forwards a connection to a node, and records what the client sends."""

    def __init__(self, port):
        self.sent = bytearray()
        self.received = bytearray()
        self._behind = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def _relay(self):
        client, _ = self._listener.accept()
        with client, socket.create_connection(
                ("127.0.0.1", self._behind)) as node:
            back = threading.Thread(target=self._pass, daemon=True,
                                    args=(node, client, self.received))
            back.start()
            self._pass(client, node, self.sent)
            back.join(DEADLINE_S)

    @staticmethod
    def _pass(source, sink, kept):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                kept += data
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def frames(self):
        """Returns the frames of the client after it has disconnected."""
        self._thread.join(DEADLINE_S)
        self._listener.close()
        return frames_of(bytes(self.sent))


class Peer:
    """A connection to a node that the test controls."""

    def __init__(self, node, client=None, number=0):
        """`client` has the frames of a real client; a `number` other than 0
        gives the peer its own node ID."""
        self.stream = socket.create_connection(("127.0.0.1", node.port),
                                               timeout=DEADLINE_S)
        self.client = client
        self.number = number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def greet(self):
        """Exchanges the greetings."""
        self.greeting = read_frame(self.stream)
        self.legacy = self.greeting.data < 8
        self.real_id = self.client[0].payload
        self.own_id = self.changed(self.real_id)
        self.node_id = self.greeting.payload[:len(self.own_id)]
        self.send(Frame(CLIENT_HANDSHAKE, self.own_id))
        return self

    def changed(self, identity):
        """Returns a node ID that depends on `number`."""
        return identity[:-12] + struct.pack(">QI", self.number, 0x5eed) \
            if self.number else identity

    def send(self, *frames):
        for frame in frames:
            self.stream.sendall(frame.bytes())

    def join(self):
        """Sends the first request of the real client; returns the response."""
        self.greet()
        self.send(self.first_request())
        while True:
            frame = read_frame(self.stream)
            if frame.type == DIRECT_MESSAGE and frame.data & RESPONSE:
                return frame

    def requests(self):
        """Returns the requests of the real client."""
        return [x for x in self.client if x.type == DIRECT_MESSAGE
                and x.data & (NORMAL - 1) and not x.data & RESPONSE]

    def first_request(self):
        return self.requests()[0]

    def message(self, payload, **fields):
        fields = {"source": 99, "data": NORMAL,
                  "destination": self.greeting_actor(), **fields}
        return Frame(DIRECT_MESSAGE, payload, **fields)

    def greeting_actor(self):
        """Returns the ID of the actor that the node publishes."""
        return self.first_request().destination

    def named(self, *types):
        """Returns the beginning of a message of CAF 0.17."""
        text = "".join(["@<>"] + ["+" + x for x in types]).encode()
        return b"\0" + self.named_inner(text)

    @staticmethod
    def named_inner(text):
        return b"\0\0" + bytes([len(text)]) + text

    def is_closed(self, within=DEADLINE_S):
        """Returns whether the node closes the connection in time."""
        end = time.monotonic() + within
        try:
            while (left := end - time.monotonic()) > 0:
                self.stream.settimeout(left)
                if not self.stream.recv(65536):
                    return True
        except TimeoutError:
            return False
        except OSError:
            return True
        return False


class FalseNode:
    """Accepts connections, sends some bytes, and then stays silent."""

    def __init__(self, *pieces):
        self._pieces = pieces
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._streams = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for stream in self._streams:
            stream.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self._listener.accept()
                self._streams.append(stream)
                for piece in self._pieces:
                    stream.sendall(piece)
