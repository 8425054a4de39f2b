"""An embedded Kubernetes API: real wire, real clients, real ends of logs."""
