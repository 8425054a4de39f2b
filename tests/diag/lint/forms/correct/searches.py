"""Inner loops that end at a match, at a limit, or when something comes: no end of the work."""


def daemon(events, rules):
    while True:
        event = events.get()
        for rule in rules:
            if rule.matches(event):
                rule.apply(event)
                break


def daemon_closed_state(connections):
    while True:
        for conn in connections:
            if conn.closed:
                connections.remove(conn)
                break
        time.sleep(1)


def restart_after_removal(items):
    while True:
        for item in items:
            if item.done:
                items.remove(item)
                break
        else:
            break


def free_slot(slots, jobs):
    while True:
        job = jobs.get()
        for number, slot in enumerate(slots):
            if slot is None:
                slots[number] = job
                break


def something_came(sock, handle):
    while True:
        while True:
            data = sock.recv(10)
            if data:
                break
        handle(data)


async def a_message_at_last(channel, handle):
    while True:
        while True:
            message = await channel.receive()
            if message is not None:
                break
        handle(message)


async def retry_until_it_works(client, requests):
    while True:
        request = await requests.get()
        for attempt in range(3):
            try:
                await client.send(request)
                break
            except OSError:
                await asyncio.sleep(2**attempt)


async def retry_on_none(fetch, handle):
    while True:
        for attempt in range(5):
            page = await fetch()
            if page is None:
                break
            handle(page)
        await asyncio.sleep(30)


def enough(sock, handle):
    while True:
        total = 0
        while True:
            data = sock.recv(100)
            total += len(data)
            if total > 1000:
                break
        handle(total)


def end_of_line(sock, handle):
    while True:
        line = b""
        while True:
            char = sock.recv(1)
            if char == b"\n":
                break
            line += char
        handle(line)


def words(queue, handle):
    while True:
        text = queue.get()
        for word in text.split(" "):
            if not word:
                break
            handle(word)


def nothing_left(stack, handle):
    while True:
        for item in list(stack):
            if item is None:
                break
            handle(item)
        if not stack:
            break


def interactive(handle):
    while True:
        for _ in range(3):
            answer = input("> ")
            if not answer:
                break
            handle(answer)


def menu(menu_items):
    while True:
        for item in menu_items:
            if item.key == "quit":
                break
            print(item)
        choice = input()
        if choice == "q":
            return


def fixpoint(rules, state):
    while True:
        changed = False
        for rule in rules:
            if rule(state):
                changed = True
                break
        if not changed:
            break


def simulation(bodies):
    while True:
        for body in bodies:
            if body.exhausted:
                break
            body.step()


def tokens(scanner, emit):
    while True:
        for pattern in scanner.patterns:
            if scanner.eof:
                break
            emit(pattern)
        scanner.advance()


def scheduler(tasks, clock):
    while True:
        for task in tasks:
            if task.next_run is None:
                break
            if task.next_run <= clock():
                task.run()
        time.sleep(1)


def pool_of_workers(workers, q):
    while True:
        item = q.get()
        for worker in workers:
            if not worker.busy:
                worker.give(item)
                break


def state_machine(machine, inputs):
    while True:
        symbol = next(inputs)
        for transition in machine.transitions:
            if transition.end:
                break
            machine.step(symbol)


async def broadcast(clients, messages):
    while True:
        message = await messages.get()
        for client in clients:
            try:
                await client.send(message)
            except ConnectionClosed:
                clients.remove(client)
                break


async def stop_word_of_data(words, handle):
    while True:
        sentence = await words.get()
        for word in sentence:
            if word.stop:
                break
            handle(word)


def game(board, players):
    while True:
        for player in players:
            if board.finished:
                break
            player.move(board)
        board.reset()


def dispatcher(handlers, poll):
    while True:
        message = poll()
        for handler in handlers:
            if message.type == CLOSED:
                handler.close()
                break
            handler(message)


async def limited(reader, handle):
    while True:
        for number in range(10):
            line = await reader.readline()
            if number == 9 or line == b"\n":
                break
            handle(line)


def timeout_in_a_select(sel, handle):
    while True:
        events = sel.select(1)
        for key, mask in events:
            if mask is None:
                break
            handle(key)


def chars(window):
    while True:
        while True:
            key = window.getch()
            if key == -1:
                break
            window.handle(key)
        window.refresh()


def frames(video, show):
    while True:
        video.set(POSITION, 0)
        while True:
            ok, frame = video.read()
            if not ok:
                break
            show(frame)
