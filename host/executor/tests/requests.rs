//! Requests of other processes to the owner of a session.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may fail loudly")]

mod support;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use codewalk_core::command::{Command, ControlAction};
use codewalk_core::ids::SessionId;
use codewalk_core::origin::{Channel, Origin};
use codewalk_core::ports::{Executor, Launch};
use codewalk_core::session::Exit;
use codewalk_executor::{Relayed, ReportBody, Request, RequestReply, SessionLock};
use support::*;
use uuid::Uuid;

fn stop(session: SessionId) -> Request {
    let origin = Origin { channel: Channel::Terminal, name: "another".to_owned() };
    Request { origin, command: Command::Control { session, action: ControlAction::Stop, flag: None } }
}

async fn relayed(host: &Host, launch: &Launch, request: &Request) -> Relayed {
    let (other, _reports) = host.other();
    other.relay((launch.session, launch.run), None, request).await.unwrap()
}

/// Another process asks for a stop and the owner accepts.
async fn a_stop_is_asked_for_and_accepted(host: &mut Host, launch: &Launch) {
    let (other, _reports) = host.other();
    let (run, request) = ((launch.session, launch.run), stop(launch.session));
    let asking = tokio::spawn(async move { other.relay(run, None, &request).await.unwrap() });
    let (id, _) = requested(host).await;
    host.agents.reply(run, id, &RequestReply::Accepted);
    assert_eq!(asking.await.unwrap(), Relayed::Replied(RequestReply::Accepted));
}

/// Takes the next request as the owner.
async fn requested(host: &mut Host) -> (Uuid, Request) {
    host.until(|report| match &report.body {
        ReportBody::Requested { id, request } => Some((*id, request.clone())),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_request_reaches_the_owner_and_its_reply_comes_back() {
    let mut host = Host::new(sh("exec sleep 600"));
    let launch = host.launch("wait");
    host.start(&launch).await;
    let run = (launch.session, launch.run);
    let request = stop(launch.session);
    for reply in [RequestReply::Accepted, RequestReply::Refused { message: "not now".to_owned() }] {
        let (other, _reports) = host.other();
        let asking = tokio::spawn({
            let request = request.clone();
            async move { other.relay(run, None, &request).await.unwrap() }
        });
        let (id, asked) = requested(&mut host).await;
        assert_eq!(asked, request);
        host.agents.reply(run, id, &reply);
        assert_eq!(asking.await.unwrap(), Relayed::Replied(reply));
    }
    let left = std::fs::read_dir(host.folder(&launch).path().join("requests")).unwrap().count();
    assert_eq!(left, 0, "nothing is left of them");
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

#[tokio::test]
async fn an_invalid_request_is_refused_or_left_alone() {
    let mut host = Host::new(sh("exec sleep 600"));
    let launch = host.launch("wait");
    host.start(&launch).await;
    let folder = host.folder(&launch).path().join("requests");
    std::fs::write(folder.join("..request"), "{}").unwrap();
    std::fs::write(folder.join("notes.txt"), "{}").unwrap();
    std::fs::create_dir(folder.join(format!("{}.request", Uuid::now_v7()))).unwrap();
    let garbage = folder.join(format!("{}.request", Uuid::now_v7()));
    std::fs::write(&garbage, "\0{{").unwrap();
    let somebody_elses = stop(host.launch("other").session);
    let Relayed::Replied(RequestReply::Refused { message }) = relayed(&host, &launch, &somebody_elses).await
    else {
        panic!("it is not refused")
    };
    assert!(message.contains("does not take this command"), "{message}");
    eventually("the garbage is answered", || garbage.with_extension("reply").exists()).await;
    assert!(!garbage.exists() && folder.join("notes.txt").exists());
    assert!(host.is_silent());
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

#[tokio::test]
async fn only_a_file_of_the_user_is_a_request_and_others_block_nobody() {
    let mut host = Host::new(sh("exec sleep 600"));
    let launch = host.launch("wait");
    host.start(&launch).await;
    let folder = host.folder(&launch).path().join("requests");
    let request = serde_json::to_string(&stop(launch.session)).unwrap();
    let elsewhere = folder.join("elsewhere");
    std::fs::write(&elsewhere, &request).unwrap();
    let [fifo, link, late] = [1, 2, 3].map(|n| folder.join(format!("{}.request", Uuid::from_u128(n))));
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    for (file, why) in [(&fifo, "it is not a file of this user"), (&link, "it is a symbolic link")] {
        refused(file, why).await;
    }
    std::fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    std::fs::write(folder.join("new"), &request).unwrap();
    std::fs::rename(folder.join("new"), &late).unwrap();
    refused(&late, "other users can write to its folder").await;
    assert!(host.is_silent() && elsewhere.exists());
    std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    a_stop_is_asked_for_and_accepted(&mut host, &launch).await;
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

#[tokio::test]
async fn a_request_is_answered_soon_however_many_others_lie_before_it() {
    let mut host = Host::new(sh("exec sleep 600"));
    let launch = host.launch("wait");
    host.start(&launch).await;
    let folder = host.folder(&launch).path().join("requests");
    for n in 1..=3_000 {
        std::fs::write(folder.join(format!("{}.request", Uuid::from_u128(n))), "junk").unwrap();
    }
    let since = std::time::Instant::now();
    a_stop_is_asked_for_and_accepted(&mut host, &launch).await;
    // Syncing each reply to the disk would take longer.
    assert!(since.elapsed() < std::time::Duration::from_secs(12), "{:?}", since.elapsed());
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

#[tokio::test]
async fn a_moved_folder_of_requests_is_recreated_or_named_in_the_error() {
    let mut host = Host::new(sh("exec sleep 600"));
    let launch = host.launch("wait");
    host.start(&launch).await;
    let folder = host.folder(&launch).path().join("requests");
    std::fs::rename(&folder, folder.with_extension("moved")).unwrap();
    a_stop_is_asked_for_and_accepted(&mut host, &launch).await;

    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    let (other, _reports) = host.other();
    let refused =
        other.relay((launch.session, launch.run), None, &stop(launch.session)).await.unwrap_err().to_string();
    assert!(refused.contains("cannot ask the codewalk") && refused.contains("/requests ("), "{refused}");
    host.agents.stop(call(), launch.session).await.unwrap();
    host.exited().await;
}

/// Waits until a request is refused with a reason.
async fn refused(request: &Path, why: &str) {
    let reply = request.with_extension("reply");
    eventually("it is replied to", || reply.exists()).await;
    let reply = std::fs::read_to_string(reply).unwrap();
    assert!(reply.contains(&format!("the request cannot be read: {why}")), "{reply}");
    assert!(!request.exists());
}

#[tokio::test]
async fn where_the_owner_is_dead_its_agent_is_found_and_stopped() {
    let host = Host::new(sh("exec sleep 600"));
    let launch = host.launch("wait");
    let started = host.start(&launch).await;
    // The owner's lock goes with it; its agent remains.
    let lock = host.settings.sessions.join(launch.session.to_string()).join("lock");
    std::fs::remove_file(&lock).unwrap();
    assert_eq!(relayed(&host, &launch, &stop(launch.session)).await, Relayed::Gone { exit: None });
    eventually("the agent is gone", || !is_alive(started.pid)).await;
}

#[tokio::test]
async fn a_run_that_has_just_ended_says_how() {
    let mut host = Host::new(sh("exit 3"));
    let (launch, _) = host.run("end").await;
    let gone = Relayed::Gone { exit: Some(Exit { code: Some(3), signal: None }) };
    assert_eq!(relayed(&host, &launch, &stop(launch.session)).await, gone);
    assert!(SessionLock::try_take(&host.settings.sessions, launch.session).unwrap().is_some());
}
