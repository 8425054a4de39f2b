"""Sockets, selectors, pipes, threads and queues."""


def socket_in_while(sock, parser):
    while True:
        while not parser.complete:
            data = sock.recv(4096)
            if not data:
                break  # fault
            parser.feed(data)


def ready_sockets(sel):
    while True:
        for key, mask in sel.select():
            conn = key.fileobj
            data = conn.recv(1024)
            if not data:
                break  # fault
            conn.sendall(data)


def ready_sockets_direct(selector, handle):
    while True:
        events = selector.select(timeout=None)
        for key, _ in events:
            payload = key.fileobj.recv(65536)
            if payload == b"":
                print("closed")
                break  # fault
            handle(payload)


def select_select(socks, handle):
    while True:
        ready, _, _ = select.select(socks, [], [])
        for s in ready:
            data = s.recv(4096)
            if not data:
                break  # fault
            handle(s, data)


def recv_exact(sock, size, messages):
    while True:
        buf = bytearray()
        while len(buf) < size:
            part = sock.recv(size - len(buf))
            if part == b"":
                break  # fault
            buf.extend(part)
        messages.append(bytes(buf))


def lines_of_a_chunk(conn, handle):
    while True:
        data = conn.recv(1024)
        for line in data.split(b"\r\n"):
            if not line:
                break  # fault
            handle(line)


def worker(q):
    while True:
        batch = []
        for _ in range(100):
            item = q.get()
            if item is None:
                break  # fault
            batch.append(item)
        store(batch)


class Consumer(threading.Thread):
    def run(self):
        while True:
            for i in range(self.batch_size):
                job = self.queue.get()
                if job is STOP:
                    self.log.debug("told to stop")
                    break  # fault
                job()

    def only_loop(self):
        while True:
            while True:
                task = self._tasks.get()
                if task is None:
                    break  # fault
                task.run()

    def asked_to_stop(self):
        while True:
            for host in self.hosts:
                if self.stop_event.is_set():
                    break  # fault
                self.probe(host)

    def flagged(self):
        while True:
            for record in self.records:
                if self._shutdown_requested:
                    break  # fault
                self.write(record)

    def stop_in_or(self):
        while True:
            for path in self.paths:
                if self._stop.is_set() or self._killed:
                    break  # fault
                self.scan(path)

    def stop_with_log(self):
        while True:
            for n, page in enumerate(self.pages):
                if self._exit.is_set():
                    logging.info("leaving after %s", n)
                    break  # fault
                self.visit(page)


def child_lines(cmd):
    child = subprocess.Popen(cmd, stdout=subprocess.PIPE, text=True)
    while True:
        while True:
            line = child.stdout.readline()
            if line == "":
                break  # fault
            sys.stdout.write(line)


def pipe_of_a_process(conn, results):
    while True:
        for _ in range(20):
            try:
                results.append(conn.recv())
            except EOFError:
                break  # fault


def standard_input(commands):
    while True:
        for _ in range(10):
            line = sys.stdin.readline()
            if not line:
                break  # fault
            commands.append(line.strip())


def raw_descriptor(handle):
    read_end, write_end = os.pipe()
    while True:
        while True:
            data = os.read(read_end, 1024)
            if not data:
                break  # fault
            handle(data)


def makefile(sock, handle):
    stream = sock.makefile("rb")
    while True:
        while True:
            line = stream.readline()
            if not line:
                break  # fault
            handle(line)


def in_a_match(sock, handle):
    while True:
        for _ in range(3):
            match sock.recv(100):
                case b"":
                    break  # fault
                case data:
                    handle(data)


def with_a_lock(sock, lock, chunks):
    while True:
        while True:
            with lock:
                chunk = sock.recv(4096)
                if not chunk:
                    break  # fault
                chunks.append(chunk)


def recv_into(sock, view, done):
    while True:
        pos = 0
        while pos < len(view):
            n = sock.recv_into(view[pos:])
            if n == 0:
                break  # fault
            pos += n
        done.append(pos)


def inside_if(sock, verbose, handle):
    while True:
        while True:
            data = sock.recv(4096)
            if not data:
                if verbose:
                    print("peer closed the connection")
                break  # fault
            handle(data)


def handled_errors(sock, handle):
    while True:
        while True:
            try:
                data = sock.recv(4096)
                if not data:
                    break  # fault
                handle(data)
            except InterruptedError:
                continue


def gevent_socket(sock, handle):
    while True:
        while True:
            data = sock.recv(4096)
            if len(data) <= 0:
                break  # fault
            handle(data)
            gevent.sleep(0)
