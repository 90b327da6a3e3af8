"""What GitHub Actions reads from a step: outputs, summary, annotations and masks."""
