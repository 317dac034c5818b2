"""What the model may call: each tool is one service call, bound by the server to this tenant and contact."""
