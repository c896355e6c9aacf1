"""A small application server: counts the visits of each page in Redis. `python app.py PORT REDIS_PORT`."""

import http.server
import socket
import sys


def ask_redis(port: int, command: str) -> str:
    """One line to Redis and its answer, which is one line for these commands."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.makefile(encoding="utf-8").readline().strip()


class Handler(http.server.BaseHTTPRequestHandler):
    redis_port = 0

    def do_GET(self) -> None:
        visits = ask_redis(self.redis_port, f"INCR visits:{self.path}").lstrip(":")
        body = f"visit {visits} of {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Handler.redis_port = int(sys.argv[2])
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
