"""What the process counts and shows to Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from domain.kernel.metrics import Metrics

CONTENT_TYPE = CONTENT_TYPE_LATEST
OUTBOX_STATES = ("queued", "sending", "unknown", "failed")
JOB_STATES = ("queued", "picked", "failed")
_LATENCY_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class HouseMetrics(Metrics):
    """The counters of one process, in a registry of its own, so that several houses fit in one interpreter."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._interactions = Counter(
            "guildhall_interactions", "Commands, buttons and forms answered.", ("command", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self._latency = Histogram(
            "guildhall_interaction_seconds", "From an interaction's arrival to the end of its work.", ("command",),
            buckets=_LATENCY_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        self._jobs = Counter("guildhall_jobs", "Jobs run by this process.", ("job", "outcome"), registry=self.registry)
        self._webhooks = Counter(
            "guildhall_webhooks", "POSTs of a provider, by what became of them.", ("outcome",), registry=self.registry
        )
        self._accepted = self._webhooks.labels("accepted")  # asked for thousands of times a second
        self._webhook_items = Counter(
            "guildhall_webhook_items", "Items in the accepted ones; a repetition counts.", registry=self.registry
        )
        self._unknown_numbers = Counter(
            "guildhall_webhook_unknown_numbers", "Changes for a number that nobody connected.", registry=self.registry
        )
        self.database_up = Gauge("guildhall_database_up", "1 when the database answers.", registry=self.registry)
        self.gateway_up = Gauge(
            "guildhall_gateway_up", "1 when Discord's gateway is connected.", registry=self.registry
        )
        self.queue = Gauge("guildhall_queue_jobs", "Jobs on the queue by state.", ("state",), registry=self.registry)
        self.outbox = Gauge(
            "guildhall_outbox_messages", "Messages that have not arrived, by state.", ("state",), registry=self.registry
        )
        self.oldest_turn_s = Gauge(
            "guildhall_oldest_due_turn_age_seconds", "How long the oldest due turn of the assistant has waited.",
            registry=self.registry,
        )  # fmt: skip
        self.inbound = Gauge(
            "guildhall_inbound_events", "Items of webhooks that wait to be taken.", registry=self.registry
        )
        self.oldest_inbound_s = Gauge(
            "guildhall_oldest_inbound_event_age_seconds", "How long the oldest waiting item of a webhook has waited.",
            registry=self.registry,
        )  # fmt: skip
        self.oldest_job_s = Gauge(
            "guildhall_oldest_due_job_age_seconds", "How long the oldest due job has waited.", registry=self.registry
        )
        self.oldest_outbox_s = Gauge(
            "guildhall_oldest_due_outbox_age_seconds", "How long the oldest due message has waited.",
            registry=self.registry,
        )  # fmt: skip

    def interaction(self, command: str, outcome: str, took_s: float) -> None:
        """Count an answered interaction."""
        self._interactions.labels(command, outcome).inc()
        self._latency.labels(command).observe(took_s)

    def job(self, job: str, outcome: str) -> None:
        """Count a job: done, failed (to be tried again), postponed, interrupted or parked."""
        self._jobs.labels(job, outcome).inc()

    def webhook(self, outcome: str, item_count: int = 0) -> None:
        """Count a webhook's POST: accepted, or the status it was refused with."""
        (self._accepted if outcome == "accepted" else self._webhooks.labels(outcome)).inc()
        if item_count:
            self._webhook_items.inc(item_count)

    def unknown_number(self) -> None:
        """Count a change for a number that nobody connected."""
        self._unknown_numbers.inc()

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
