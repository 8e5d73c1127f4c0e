//! A client that begins with nothing, follows `next` and applies every change has what the account
//! has.
//!
//! Three clients write at once, each in an environment of its own, whose clocks differ by 5 seconds;
//! one call in ten fails, many of them after they were applied. Each write takes its time up to 10
//! seconds before it begins, as one does that DynamoDB refuses and takes again. Meanwhile others
//! follow, some a page at a time, over minutes of the clocks. `CHANGES_SEED` repeats a choice of
//! operations and faults.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use http::{HeaderValue, Method};
use serde_json::{Value, json};

use crate::client::{CHANGES, LISTS, TASKS, TRASH, TestApp, User};
use crate::history::{Random, fail_calls, variable};
use crate::lists::walk_of;
use crate::wire::Fault;

/// How far the clocks of the environments are ahead, in milliseconds: three that write, and two that
/// are read from.
const SKEWS: [i64; 5] = [0, 5_000, 2_500, 0, 5_000];
const WRITERS: usize = 3;
/// The longest time between a write's own and its commit.
const LATEST: u64 = 10_000;
const ROUNDS: usize = 50;

/// What a client knows of the account: tasks and lists by their URI.
#[derive(Clone)]
struct Follower {
    copy: BTreeMap<String, Value>,
    next: String,
    /// How many changes came that it knew already.
    again: usize,
    walks: usize,
}

impl Follower {
    fn new() -> Self {
        Self {
            copy: BTreeMap::new(),
            next: CHANGES.to_owned(),
            again: 0,
            walks: 0,
        }
    }

    /// Takes one page.
    async fn poll(&mut self, user: &User<'_>, limit: u64) {
        let (path, query) = self.next.split_once('?').unwrap_or((&self.next, ""));
        let rest = query.split('&').filter(|part| part.starts_with("cursor="));
        let rest: String = rest.map(|cursor| format!("&{cursor}")).collect();
        let page = user
            .get(&format!("{path}?limit={limit}{rest}"))
            .send()
            .await;
        assert_eq!(page.status, 200, "{page:?}");
        let body = page.json();
        for change in body["changes"].as_array().expect("changes") {
            self.apply(change);
        }
        self.next = body["next"].as_str().expect("a next page").to_owned();
        self.walks += usize::from(body["more"] == json!(false));
    }

    fn apply(&mut self, change: &Value) {
        if let Some(uri) = change["deleted"].as_str() {
            self.copy.remove(uri);
            return;
        }
        let item = change.get("task").or_else(|| change.get("list"));
        let item = item.expect("a task or a list").clone();
        let uri = item["uri"].as_str().expect("a URI").to_owned();
        let known = self.copy.insert(uri, item.clone());
        self.again += usize::from(known == Some(item));
    }

    /// Follows until a whole walk has found the account at rest.
    async fn finish(&mut self, user: &User<'_>) {
        let end = self.walks + 2;
        while self.walks < end {
            self.poll(user, 1_000).await;
        }
    }
}

/// Everything that an account has, by its URI.
async fn everything(user: &User<'_>) -> BTreeMap<String, Value> {
    let lists = user.get(LISTS).send().await.json();
    let lists = lists["lists"].as_array().expect("lists").clone();
    let items = lists.into_iter().chain(walk_of(user, TASKS, "").await);
    let uri = |item: &Value| item["uri"].as_str().expect("a URI").to_owned();
    items.map(|item| (uri(&item), item)).collect()
}

/// One random write. Whether it succeeds does not matter.
async fn write(user: &User<'_>, random: &mut Random, number: usize) -> u16 {
    let id = 1 + random.below(12);
    let (task, trashed) = (format!("{TASKS}/{id}"), format!("{TRASH}/{id}"));
    let list = format!("{LISTS}/{}", 1 + random.below(4));
    let title = format!("Title {number}");
    let body = match random.below(5) {
        0 => json!({"done": true}),
        1 => json!({"done": false, "order": number}),
        2 => json!({"list": list}),
        _ => json!({"title": title, "description": "x".repeat(number % 50)}),
    };
    let call = match random.below(20) {
        0..4 => user.post(TASKS, &json!({"title": title})),
        4 => {
            let key = HeaderValue::from_str(&format!("key-{number}")).expect("a header");
            let call = user.post(TASKS, &json!({"title": title}));
            call.header("idempotency-key", key)
        }
        5 => user.post(&format!("{list}/tasks"), &json!({"title": title})),
        6..10 => user.patch(&task, &body),
        10..13 => user.delete(&task),
        13..15 => user.request(Method::POST, &trashed),
        15 => user.delete(&trashed),
        16 => user.post(LISTS, &json!({"name": title})),
        17 => user.put(&list, &json!({"name": title})),
        18 => user.delete(&list),
        _ => match random.one_in(4) {
            true => user.delete(TRASH),
            false => user.put(&format!("{LISTS}/inbox"), &json!({"order": number})),
        },
    };
    let status = call.send().await.status;
    assert!([200, 201, 400, 404, 503].contains(&status), "{status}");
    status
}

async fn a_follower_has_what_the_account_has(seed: u64) {
    let mut random = Random::new(seed);
    let first = TestApp::start().await;
    let ada = first.user("ada").await;
    let mut environments = Vec::new();
    for _ in SKEWS {
        environments.push(first.twin().await);
    }
    let users: Vec<_> = environments
        .iter()
        .map(|app| app.holder(ada.authorization.clone()))
        .collect();
    join_all(users.iter().map(User::list)).await;
    for (number, app) in environments.iter().take(WRITERS).enumerate() {
        fail_calls(app, seed ^ (number as u64 + 1));
    }
    let (writers, readers) = users.split_at(WRITERS);
    let mut followers = vec![Follower::new(), Follower::new()];
    let (mut now, mut accepted) = (0, 0);
    for round in 0..ROUNDS {
        now += i64::try_from(random.below(8_000)).expect("milliseconds");
        for (app, skew) in environments.iter().zip(SKEWS) {
            app.clock.set_ahead(now + skew);
        }
        for app in environments.iter().take(WRITERS) {
            let late = i64::try_from(random.below(LATEST)).expect("milliseconds");
            app.clock.set_back(late);
        }
        let mut choices: Vec<_> = writers.iter().map(|_| Random::new(random.next())).collect();
        let writes = writers.iter().zip(&mut choices).enumerate();
        let writes =
            writes.map(|(writer, (user, random))| write(user, random, round * WRITERS + writer));
        // The first one keeps up, the others take a small page now and then.
        let polls: Vec<_> = followers
            .iter()
            .enumerate()
            .map(|(number, _)| match number {
                0 => Some(1_000),
                _ => random.one_in(2).then(|| 1 + random.below(4)),
            })
            .collect();
        let reader = &readers[usize::from(random.one_in(2))];
        let follow = followers
            .iter_mut()
            .zip(polls)
            .map(async |(follower, poll)| {
                if let Some(limit) = poll {
                    follower.poll(reader, limit).await;
                }
            });
        let (statuses, _) = tokio::join!(join_all(writes), join_all(follow));
        accepted += statuses.iter().filter(|status| **status < 300).count();
        // Somebody keeps a copy with its cursor and follows it later.
        if round % 10 == 9 {
            let kept = random.pick(&followers).cloned();
            followers.extend(kept);
        }
    }
    for app in &environments {
        app.wire.always(Fault::Pass);
    }
    let account = everything(&ada).await;
    let again: usize = followers.iter().map(|follower| follower.again).sum();
    assert!(
        accepted > ROUNDS && account.len() > 5 && again > 0,
        "{accepted} {again}"
    );
    // One that begins only now, with all of it.
    followers.push(Follower::new());
    for (number, mut follower) in followers.into_iter().enumerate() {
        follower.finish(&readers[number % 2]).await;
        assert_eq!(
            follower.copy, account,
            "CHANGES_SEED={seed}, follower {number}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_applies_every_change_has_what_the_account_has() {
    if let Some(seed) = variable("CHANGES_SEED") {
        return a_follower_has_what_the_account_has(seed).await;
    }
    for _ in 0..variable("CHANGES_CASES").unwrap_or(4) {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).expect("a seed");
        a_follower_has_what_the_account_has(u64::from_le_bytes(seed)).await;
    }
}
