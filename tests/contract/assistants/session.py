"""A day's work with the client of Python's SDK: `session.py <url> <token> auto|legacy`."""

import asyncio
import sys

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client


async def main(url, token, mode):
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers) as http_client:
        async with Client(streamable_http_client(url, http_client=http_client), mode=mode) as client:
            await session(client)


async def session(client):
    tools = (await client.list_tools()).tools
    names = [tool.name for tool in tools]
    writing = ["add_tasks", "update_tasks", "complete_tasks", "delete_tasks", "restore_tasks"]
    assert names == ["find_tasks", "list_lists", *writing], names

    async def data(tool, **arguments):
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result
        return result.structured_content

    task = {"title": "Read a book", "due": "2026-12-24", "list": "Inbox"}
    added = await data("add_tasks", tasks=[task])
    uri = added["results"][0]["task"]["uri"]
    found = await data("find_tasks", title_prefix="read A")
    assert uri in [one["uri"] for one in found["tasks"]], found
    updated = await data("update_tasks", tasks=[{"uri": uri, "priority": "high"}])
    assert updated["results"][0]["task"]["priority"] == "high", updated
    completed = await data("complete_tasks", uris=[uri])
    assert completed["results"][0]["task"]["done"] is True, completed
    deleted = await data("delete_tasks", uris=[uri])
    assert deleted["results"] == [{"deleted": uri}], deleted
    await data("restore_tasks", uris=[uri])
    await data("delete_tasks", uris=[uri])
    lists = await data("list_lists")
    assert lists["lists"][0]["name"] == "Inbox", lists

    refused = await client.call_tool("add_tasks", {"tasks": [{"title": "x", "due": "tomorrow"}]})
    assert refused.is_error and '; you sent "tomorrow"' in refused.content[0].text, refused
    try:
        await client.call_tool("drop_table", {})
    except MCPError as error:
        assert "there is no such tool" in str(error), error
    else:
        raise AssertionError("an unknown tool was called")


asyncio.run(main(*sys.argv[1:]))
