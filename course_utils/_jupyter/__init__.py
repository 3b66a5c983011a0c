"""What works inside Jupyter: a server extension, and exported pages whose explorers move."""
