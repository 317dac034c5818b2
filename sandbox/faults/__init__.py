"""What goes wrong in the world: connections that break or stall, processes that are killed."""

from sandbox.faults.process import ProcessError, ProcessUnderTest
from sandbox.faults.proxy import TcpProxy

__all__ = ["ProcessError", "ProcessUnderTest", "TcpProxy"]
