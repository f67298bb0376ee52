"""Row contracts: Pandera schemas built from the spec, and their two executors."""
