"""A day's work with the client that openapi-python-client made, the package `client`:
`generated_client.py <base url>`."""

import base64
import sys

from client import AuthenticatedClient
from client.api.tasks import create_task, delete_task, list_tasks, read_task
from client.models import NewTask

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
