"""Commands about alerts and who gets them: alerts, notices, silences, deliveries, receivers, feedback, listen."""
