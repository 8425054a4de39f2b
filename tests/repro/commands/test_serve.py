"""Tests of `repro serve`, as its user meets it."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest
from logserver import until
from servecommand import api, end, family, fetch, kubeconfig, pods, process

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Run an embedded API with a finished and a running pod."""
    with api("succeeded,running") as path:
        yield path


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `repro serve` where it is to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "repro", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextlib.asynccontextmanager
async def views(url: str, variant: str, count: int) -> AsyncIterator[None]:
    """Keep views of the finished pod open, and leave them all at once."""
    async with aiohttp.ClientSession(url) as session:
        path = f"/logs/{variant}/default/succeeded"
        sockets = [await session.ws_connect(path) for _ in range(count)]
        yield
        del sockets


def cpu_seconds(processes: list[psutil.Process]) -> list[float]:
    """Give the CPU time of each process."""
    return [sum(process.cpu_times()[:2]) for process in processes]


def test_it_serves_until_ctrl_c_ends_it_in_order(cluster: str) -> None:
    """The ready line is its address; the end is quiet and 0."""
    with process("serve", "--kubeconfig", cluster) as (server, url):
        assert url.startswith("http://127.0.0.1:")
        assert fetch(url + "/healthz") == "ok"
        assert {pod["name"] for pod in pods(url)} == {"running", "succeeded"}
        assert end(server, signal.SIGINT) == (0, "")


def test_a_frozen_server_ends_at_the_second_signal(cluster: str) -> None:
    """It answers nobody, not even the first signal."""

    async def freeze(url: str, server: psutil.Process) -> None:
        async with views(url, "frozen", 1):
            before = sum(cpu_seconds([server]))
            await until(lambda: sum(cpu_seconds([server])) - before > 0.3)
            async with aiohttp.ClientSession(url) as session:
                with pytest.raises(TimeoutError):
                    await session.get("/healthz", timeout=aiohttp.ClientTimeout(total=0.5))

    with process("serve", "--kubeconfig", cluster, deadline=20) as (server, url):
        asyncio.run(freeze(url, psutil.Process(server.pid)))
        server.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(0.5)
        code, _ = end(server)
        assert code == -signal.SIGTERM


def test_fan_out_piles_up_tasks_without_end(cluster: str) -> None:
    """Memory grows as long as it is let: a hundred MiB are soon there."""

    async def grow(url: str, server: psutil.Process) -> None:
        async with views(url, "fan_out", 1):
            before = server.memory_info().rss
            await until(lambda: server.memory_info().rss > before + (100 << 20))

    with process("serve", "--kubeconfig", cluster, deadline=20) as (server, url):
        asyncio.run(grow(url, psutil.Process(server.pid)))


def test_views_are_spread_over_the_workers_one_each(cluster: str) -> None:
    """Four spinning views on four workers burn in all four, and go on when everyone has left."""

    async def spin(url: str, workers: list[psutil.Process]) -> None:
        before = cpu_seconds(workers)

        def all_burn() -> bool:
            return all(now - then > 0.1 for now, then in zip(cpu_seconds(workers), before, strict=True))

        async with views(url, "buggy", 4):
            await until(all_burn)
        before[:] = cpu_seconds(workers)
        await until(all_burn)

    with process("serve", "--kubeconfig", cluster, "--workers", "4", deadline=30) as (server, url):
        workers = family(server)[1:]
        assert len(workers) == 4
        asyncio.run(spin(url, workers))
        metrics = fetch(url + "/metrics")
        assert 'hotloop_sessions_open{variant="buggy"} 4.0' in metrics
        code, _ = end(server)
        assert code == 0
        assert not any(worker.is_running() for worker in workers)


def test_a_frozen_worker_does_not_keep_the_others_metrics_away(cluster: str) -> None:
    """Health probes may hang, metrics do not; the end comes all the same."""

    async def freeze(url: str, workers: list[psutil.Process]) -> None:
        before = sum(cpu_seconds(workers))
        async with views(url, "frozen", 1):
            await until(lambda: sum(cpu_seconds(workers)) - before > 0.3)

    with process("serve", "--kubeconfig", cluster, "--workers", "2", deadline=30) as (server, url):
        workers = family(server)[1:]
        asyncio.run(freeze(url, workers))
        assert "hotloop_loop_beat_timestamp_seconds" in fetch(url + "/metrics")
        code, _ = end(server)
        assert code == 0
        assert not any(worker.is_running() for worker in workers)


def test_workers_die_with_their_parent(cluster: str) -> None:
    """Nothing is left of a server that was killed."""
    with process("serve", "--kubeconfig", cluster, "--workers", "2") as (server, _):
        workers = family(server)[1:]
        server.kill()
        server.wait()
        asyncio.run(until(lambda: not any(worker.is_running() for worker in workers)))


def test_a_port_in_use_is_a_sentence(cluster: str) -> None:
    """It says which, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = serve("--kubeconfig", cluster, "--port", str(port))
    assert ended.returncode == 2
    assert f"port {port} on 127.0.0.1 is in use: choose another with --port" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "there is no kubeconfig at"), ("clusters: 5", "is no usable kubeconfig"), ("{", "is no usable")],
)
def test_a_kubeconfig_that_is_none_is_a_sentence(tmp_path: Path, text: str | None, message: str) -> None:
    """It says which file, and what is wrong with it."""
    path = tmp_path / "config"
    if text is not None:
        path.write_text(text)
    ended = serve("--kubeconfig", str(path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_api_that_does_not_answer_is_a_sentence(tmp_path: Path, workers: str) -> None:
    """It says where the API was looked for."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"http://127.0.0.1:{gone.getsockname()[1]}"
    ended = serve("--kubeconfig", kubeconfig(tmp_path, address), "--workers", workers)
    assert ended.returncode == 2
    assert f"the Kubernetes API at {address} cannot be used" in ended.stderr
    assert ended.stderr.count("\n") == 1
