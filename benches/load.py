"""The requests that `make load` sends with Locust: RATE a second, half of them reads of one task."""

import os
import random
import time
import uuid

import requests
from locust import FastHttpUser, constant_throughput, events, task

API = "/todo/api/v1.0"
LOGIN = {}
# `cargo lambda watch` stops responding for good when more than a hundred requests wait.
USERS = 50


@events.test_start.add_listener
def sign_in(environment, **_):
    """Creates one account and token for all users, so that no password is hashed during the test."""
    name, password, api = f"load-{uuid.uuid4().hex[:12]}", uuid.uuid4().hex, environment.host + API
    user = {"username": name, "password": password}
    requests.post(f"{api}/users", json=user, timeout=60).raise_for_status()
    token = requests.post(f"{api}/tokens", json={"duration": 86400}, auth=(name, password), timeout=60)
    LOGIN["Authorization"] = "Bearer " + token.json()["token"]["token"]


class User(FastHttpUser):
    wait_time = constant_throughput(float(os.environ["RATE"]) / USERS)
    # In seconds. A request that gets no response in this time is an error.
    connection_timeout = network_timeout = 10.0

    def on_start(self):
        # Spread the users' first requests over time.
        time.sleep(random.random() * USERS / float(os.environ["RATE"]))
        self.title = f"Read book {uuid.uuid4().hex[:8]}"
        self.path = self.send("POST", "/tasks", 201, {"title": self.title})

    def send(self, method, path, status, body=None, name=None):
        """Sends a request and checks the response. Returns the path of the task in it, or None."""
        options = {"json": body, "headers": dict(LOGIN), "name": name or path, "catch_response": True}
        with self.client.request(method, API + path, **options) as response:
            if response.status_code != status:
                return response.failure(f"{response.status_code}, not {status}")
            received = response.json().get("task")
            if received and received["title"] != self.title:
                return response.failure(f"{received['title']}, not {self.title}")
            return received and received["uri"].partition(API)[2]

    @task(10)
    def read(self):
        self.send("GET", self.path, 200, name="/tasks/{id}")

    @task(4)
    def list(self):
        self.send("GET", "/tasks?limit=20", 200)

    @task(2)
    def update(self):
        self.send("PUT", self.path, 200, {"done": True}, name="/tasks/{id}")

    @task(2)
    def create_and_delete(self):
        path = self.send("POST", "/tasks", 201, {"title": self.title})
        self.wait()
        self.send("DELETE", path, 200, name="/tasks/{id}")
