"""Signing in and out (签到签退): transactions 9001 to 9002."""

from datetime import datetime
from typing import Annotated

from ..spec import Does, chapter, moment, nested, node, text

transaction = chapter("sign_in", "其他/签到签退")


@node
class SigningIn:
    """录入的基本信息."""

    opter_no: Annotated[str, text(20, "操作员编号")]
    mac: Annotated[str, text(20, "签到MAC地址")]
    ip: Annotated[str, text(20, "签到IP地址")]


@node
class SignedIn:
    """签到结果."""

    sign_time: Annotated[datetime, moment("签到时间")]
    sign_no: Annotated[str, text(30, "签到编号", note="此后各请求的 sign_no")]


@transaction("9001", "签到", "sign in", does=Does.SIGNS_IN, path="/fsi/api/signInSignOutService/signIn")
class SignIn:
    """Sign in.

    - 每个操作员每天先签到，签到号放入之后所有请求头的 sign_no
    - 当天重复签到返回同一签到号（见于一个客户端）
    - 签到请求自身的 sign_no 可空
    - 一地 2021 年的变体：输入节点为 data，另带 userid、currenttime 与由密码算得的摘要，输出节点为 result
    """

    @node
    class Input:
        signIn: Annotated[SigningIn, nested("录入的基本信息")]

    @node
    class Output:
        signinoutb: Annotated[SignedIn, nested("签到结果")]


@node
class SigningOut:
    """录入的基本信息."""

    sign_no: Annotated[str, text(30, "签到编号")]
    opter_no: Annotated[str, text(20, "操作员编号")]


@node
class SignedOut:
    """签退结果."""

    sign_time: Annotated[datetime, moment("签退时间")]


@transaction("9002", "签退", "sign out", does=Does.SIGNS_OUT, path="/fsi/api/signInSignOutService/signOut")
class SignOut:
    """Sign out.

    - 当天有签到记录才能签退
    - 有的版把输出节点印成 sign_time，别的版与实际返回为 signoutoutb
    """

    @node
    class Input:
        signOut: Annotated[SigningOut, nested("录入的基本信息")]

    @node
    class Output:
        signoutoutb: Annotated[SignedOut, nested("签退结果")]
