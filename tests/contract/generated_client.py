"""A day's work with the client that openapi-python-client made: `generated_client.py <base url>`, with
the folder that holds the package `client` in CLIENT."""

import base64
import os
import sys

sys.path.insert(0, os.environ["CLIENT"])

from client import AuthenticatedClient  # noqa: E402
from client.api.tasks import create_task, delete_task, list_tasks, read_task  # noqa: E402
from client.models import NewTask  # noqa: E402

login = base64.b64encode(b"miguel:python").decode()
with AuthenticatedClient(sys.argv[1], login, prefix="Basic") as client:
    created = create_task.sync_detailed(client=client, body=NewTask(title="Read a book"))
    assert created.status_code == 201, created
    task = created.parsed.task
    assert (task.title, task.done, task.due) == ("Read a book", False, None), task
    id_ = task.uri.rsplit("/", 1)[1]

    listed = list_tasks.sync(client=client, title_prefix="read A")
    assert task.uri in [one.uri for one in listed.tasks], listed

    deleted = delete_task.sync(id_, client=client, if_match=task.etag)
    assert deleted.result is True, deleted
    gone = read_task.sync_detailed(id_, client=client)
    assert gone.status_code == 404 and gone.parsed.error == "Not found", gone
