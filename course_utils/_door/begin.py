"""How every process of the course begins: with one thread, and with imports that come whole.

`course_utils` calls it when it is imported, which every notebook and every script does, whatever
started them.
"""

import importlib.machinery
import os
import signal
import sys
import threading

OWN_SETTING = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
# torch, and what the first optimiser of a process imports: a second each, or several.
WHOLE = ("torch", "torch._dynamo")
SOON = 0.05  # seconds


def begin():
    """Prepare this process; a second call changes nothing."""
    use_one_thread()
    if not any(isinstance(finder, WholeImports) for finder in sys.meta_path):
        usual = importlib.machinery.PathFinder
        place = sys.meta_path.index(usual) if usual in sys.meta_path else 0
        sys.meta_path.insert(place, WholeImports())


def use_one_thread():
    """Give torch one thread, unless the environment or the learner has said how many.

    Two threads on two cores save a third of the time while nothing else runs. Beside one busy
    program they wait for each other in a loop, and a training takes 2 to 22 times as long.

    torch does not tell who chose its number; its own choice is never below half of the cores. So
    a number chosen before this import counts where it is below that, and after it in any case.
    """
    if any(os.environ.get(name) for name in OWN_SETTING):
        return
    os.environ["OMP_NUM_THREADS"] = "1"  # for a torch that is still to come, and for children
    torch = sys.modules.get("torch")
    if hasattr(torch, "set_num_threads") and 2 * torch.get_num_threads() >= cores():
        torch.set_num_threads(1)


def cores():
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WholeImports:
    """A finder before the usual one: lets the stop button wait until these modules are whole.

    An import that is broken off leaves some of its modules behind, half made; every later import
    of them fails until the kernel is started anew.
    """

    def find_spec(self, name, path=None, target=None):
        """The usual spec of a module of WHOLE, executed in one piece; None for all others."""
        if name not in WHOLE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = _in_one_piece(spec.loader.exec_module)
        return spec


def _in_one_piece(execute):
    """The function, with Ctrl-C or Jupyter's stop button taking effect after it.

    A little after: raised while the import ends, it would take the module out again. Where no
    handler of Python's is in charge, or in another thread, nothing is changed.
    """

    def wait_with_interrupts(module):
        before, pressed = signal.getsignal(signal.SIGINT), []
        if threading.current_thread() is not threading.main_thread() or not callable(before):
            return execute(module)
        signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
        try:
            execute(module)
        finally:
            signal.signal(signal.SIGINT, before)
        if pressed:
            threading.Timer(SOON, _press_again).start()

    return wait_with_interrupts


def _press_again():
    """To the main thread where the system can, so that it also wakes from a wait."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
