"""An event loop without selector, sockets or threads.

A program with top-level `await` is stepped: when nothing is ready the loop gives control back to the host and is entered
again when a timer is due or a tool call has ended. `asyncio.run` inside a synchronous program runs the same loop in one go:
waiting for a timer then blocks, on the sandbox's clock.
"""
import asyncio
import heapq
import time
from asyncio import base_events, events

# Turns that cancelled tasks get to clean up after a run.
FAREWELL_TURNS = 64


class Idle:
    """Stands where the base class expects a selector."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if self.loop.stepping or timeout == 0:
            return ()
        if timeout is None:
            raise RuntimeError("The event loop waits for something that can never happen: nothing is ready and no timer is set")
        if timeout > 0:
            time.sleep(timeout)
        return ()


class EventLoop(base_events.BaseEventLoop):
    def __init__(self, selector=None):
        super().__init__()
        self.stepping = False
        self._selector = Idle(self)

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass

    def run_in_executor(self, executor, func, *args):
        raise RuntimeError("There are no threads in a sandbox: call the function directly instead of in an executor")

    def step(self, main):
        """Runs until `main` is done or nothing is ready. Returns when the next timer is due, or None."""
        self.stepping = True
        self._run_forever_setup()
        try:
            while not main.done():
                wake = self.next_timer()
                if not self._ready and (wake is None or wake > self.time() + self._clock_resolution):
                    return wake
                self._run_once()
            return None
        finally:
            self._run_forever_cleanup()
            self.stepping = False

    def next_timer(self):
        while self._scheduled and self._scheduled[0]._cancelled:
            self._timer_cancelled_count -= 1
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
        return self._scheduled[0]._when if self._scheduled else None

    def wind_up(self):
        """Cancels what the program left running, lets it clean up without waiting, and drops the rest."""
        left = asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        self.stepping = True
        self._run_forever_setup()
        try:
            turns = FAREWELL_TURNS
            while left and turns > 0 and self._ready:
                self._run_once()
                turns -= 1
        finally:
            self._run_forever_cleanup()
            self.stepping = False
            for task in asyncio.all_tasks(self):
                task._log_destroy_pending = False
            self._ready.clear()
            self._scheduled.clear()
            self.close()


class Policy(events._BaseDefaultEventLoopPolicy):
    _loop_factory = EventLoop


events._set_event_loop_policy(Policy())
asyncio.EventLoop = EventLoop
asyncio.SelectorEventLoop = EventLoop
