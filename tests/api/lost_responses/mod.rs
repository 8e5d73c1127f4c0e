//! Every write of every route with its response lost in every way, and somebody else at the same item
//! before the retry: success is responded to as success, nothing is applied twice, and nothing that
//! was deleted comes back.

mod case;
mod fixture;

use crate::wire::LOST_RESPONSES;
use case::{Case, account_id};
use fixture::{Environments, Fixture};

/// A request that writes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Write {
    CreateTask,
    CreateTaskWithKey,
    PutTask,
    PatchTask,
    TickTask,
    CompleteTask,
    CompleteTaskInList,
    DeleteTask,
    CreateTaskInList,
    CreateTaskInListWithKey,
    MoveTask,
    OrderTask,
    ReopenTask,
    RestoreTask,
    RestoreToList,
    PurgeTask,
    EmptyTrash,
    CreateList,
    PutList,
    DeleteList,
    PutUser,
    DeleteUser,
    Register,
    CreateToken,
    DeleteToken,
}
use Write::*;

/// What another client does to the same item between two attempts of the write.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    Nothing,
    Update,
    Delete,
    /// Of a task: it is deleted, and deleted for good.
    Purge,
    /// Of the list that a task is written in.
    DeleteTheList,
    DeleteAccount,
}

impl Meanwhile {
    const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Update,
        Self::Delete,
        Self::Purge,
        Self::DeleteTheList,
        Self::DeleteAccount,
    ];
}

impl Write {
    fn is_of_list(self) -> bool {
        matches!(self, CreateList | PutList | DeleteList)
    }

    fn is_of_task(self) -> bool {
        let others = [PutUser, DeleteUser, Register, CreateToken, DeleteToken];
        !self.is_of_list() && !others.contains(&self)
    }

    /// Whether another task follows.
    fn completes(self) -> bool {
        matches!(self, CompleteTask | CompleteTaskInList)
    }

    fn creates(self) -> bool {
        matches!(
            self,
            CreateTask
                | CreateTaskWithKey
                | CreateTaskInList
                | CreateTaskInListWithKey
                | CreateList
                | Register
                | CreateToken
        )
    }

    /// Whether the task that it writes is in the trash.
    fn is_of_trash(self) -> bool {
        matches!(self, RestoreTask | RestoreToList | PurgeTask | EmptyTrash)
    }

    /// Whether the task that it writes is in a list that may be deleted.
    fn is_in_list(self) -> bool {
        let in_list = [
            CreateTaskInList,
            CreateTaskInListWithKey,
            MoveTask,
            OrderTask,
            CompleteTaskInList,
            RestoreToList,
        ];
        in_list.contains(&self)
    }
}

/// The writes that a request makes, as targets for faults. Login counters are not among them.
async fn targets(environments: &Environments, write: Write) -> Vec<String> {
    let fixture = Fixture::new(environments, write, 0).await;
    environments.mine.wire.take_targets();
    let response = fixture.request(write).send().await;
    assert!(response.status < 300, "{response:?}");
    let mut targets = Vec::new();
    for call in environments.mine.wire.take_targets() {
        let (operation, key) = call.split_once(' ').unwrap_or((&call, ""));
        let is_write = operation.ends_with("Item") && operation != "GetItem";
        let is_write =
            is_write || operation.ends_with("WriteItems") || operation.ends_with("WriteItem");
        let is_counter = key.starts_with(|c: char| c.is_ascii_digit());
        let target = format!("{operation} {}", key.split('#').next().unwrap_or_default());
        let target = target.trim_end().to_owned();
        if is_write && operation != "BatchGetItem" && !is_counter && !targets.contains(&target) {
            targets.push(target);
        }
    }
    assert!(!targets.is_empty(), "{write:?} writes nothing");
    targets
}

/// The request with the response of each of its writes lost in each way, with each of the actions of
/// another client before the retry.
async fn lose_every_response_of(write: Write) {
    let environments = Environments::start(write).await;
    let mut number = 0;
    let mut wrong = Vec::new();
    for target in targets(&environments, write).await {
        for fault in LOST_RESPONSES {
            for meanwhile in Meanwhile::ALL {
                let is_possible = match meanwhile {
                    Meanwhile::DeleteTheList => write.is_in_list(),
                    Meanwhile::Purge => write.is_of_task(),
                    _ => true,
                };
                if !is_possible {
                    continue;
                }
                number += 1;
                let fixture = Fixture::new(&environments, write, number).await;
                let account = account_id(&environments.cleaner, &fixture.name).await;
                let mut acted = false;
                let request = fixture.request(write).send();
                let act = async || acted = fixture.act(write, meanwhile).await;
                let wire = &environments.mine.wire;
                let response = wire
                    .between_attempts(&target, fault.clone(), request, act)
                    .await;
                let account = match account {
                    Some(account) => Some(account),
                    None => account_id(&environments.cleaner, &fixture.name).await,
                };
                let case = Case {
                    write,
                    meanwhile: if acted { meanwhile } else { Meanwhile::Nothing },
                    target: &target,
                };
                if let Err(problem) = case
                    .check(&environments, &fixture, account, &response)
                    .await
                {
                    wrong.push(format!("{target}, {fault:?}, {meanwhile:?}: {problem}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{write:?}\n{}", wrong.join("\n"));
}

macro_rules! lose_every_response {
    ($($name:ident: $write:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn $name() {
                Box::pin(lose_every_response_of($write)).await;
            }
        )*
    };
}

lose_every_response! {
    of_a_create_do_no_harm: CreateTask,
    of_a_create_with_a_key_do_no_harm: CreateTaskWithKey,
    of_a_put_do_no_harm: PutTask,
    of_a_patch_do_no_harm: PatchTask,
    of_a_tick_do_no_harm: TickTask,
    of_a_completion_do_no_harm: CompleteTask,
    of_a_completion_in_a_list_do_no_harm: CompleteTaskInList,
    of_a_delete_do_no_harm: DeleteTask,
    of_a_create_in_a_list_do_no_harm: CreateTaskInList,
    of_a_create_in_a_list_with_a_key_do_no_harm: CreateTaskInListWithKey,
    of_a_move_do_no_harm: MoveTask,
    of_a_new_order_do_no_harm: OrderTask,
    of_a_reopening_do_no_harm: ReopenTask,
    of_a_restore_do_no_harm: RestoreTask,
    of_a_restore_to_a_list_do_no_harm: RestoreToList,
    of_a_purge_do_no_harm: PurgeTask,
    of_an_emptying_of_the_trash_do_no_harm: EmptyTrash,
    of_a_new_list_do_no_harm: CreateList,
    of_a_change_of_a_list_do_no_harm: PutList,
    of_a_deletion_of_a_list_do_no_harm: DeleteList,
    of_a_change_of_a_user_do_no_harm: PutUser,
    of_a_deletion_of_an_account_do_no_harm: DeleteUser,
    of_a_registration_do_no_harm: Register,
    of_a_new_token_do_no_harm: CreateToken,
    of_a_revocation_do_no_harm: DeleteToken,
}
